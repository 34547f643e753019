// expect: dynasio: a member has two attribute<>
#include <dynasio/orm/detail/describe.hpp>

#include <string>

struct Part {
    std::string name{};
    std::string code{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return value<Part>(attribute<&Part::name>{"a"}, attribute<&Part::code>{"b"});
#else
    return value<Part>(attribute<&Part::name>{"a"}, attribute<&Part::name>{"b"});
#endif
}
auto const& type() { return dynasio::detail::value_type_of<Part>(); }
