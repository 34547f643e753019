// expect: dynasio: the name of a table has 3 to 255 characters
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
    std::string name{};
    std::string city{};
};
struct Second {
    std::string id{};
    std::string name{};
    std::string city{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(partition_key<&First::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(partition_key<&Second::id>, table{"good_things"});
#else
    return entity<Second>(partition_key<&Second::id>, table{"good things"});
#endif
}
static_assert(dynasio::verify<First, Second>());
