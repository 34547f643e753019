// expect: dynasio: the enumerator of otherwise() has a name
#include <dynasio/orm/codec.hpp>

enum class Colour { red, blue, other };
constexpr auto dynasio_names(dynasio::tag<Colour>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return enum_names<Colour>({{Colour::red, "red"}, {Colour::blue, "blue"}});
#else
    return enum_names<Colour>({{Colour::red, "red"}, {Colour::other, "other"}}).otherwise(Colour::other);
#endif
}
constexpr auto stored_as = dynasio::codec<Colour>::type;
