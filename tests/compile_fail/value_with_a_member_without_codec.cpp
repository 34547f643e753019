// expect: dynasio: a member has a type that dynasio cannot store; describe a plain struct with
#include <dynasio/orm/detail/describe.hpp>

#include <string>

struct Opaque {
    void* handle{};
};
struct Part {
    Opaque opaque{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return value<Part>(transient<&Part::opaque>);
#else
    return value<Part>();
#endif
}
auto const& type() { return dynasio::detail::value_type_of<Part>(); }
