// expect: dynasio: value<T>(...) takes attribute, transient and members
#include <dynasio/orm/detail/describe.hpp>

#include <string>

struct Part {
    std::string name{};
    std::string code{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return value<Part>();
#else
    return value<Part>(1);
#endif
}
auto const& type() { return dynasio::detail::value_type_of<Part>(); }
