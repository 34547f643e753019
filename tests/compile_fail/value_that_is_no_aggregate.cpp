// expect: dynasio: a value is a plain struct
#include <dynasio/orm/detail/describe.hpp>

#include <string>

struct Part {
#ifndef DYNASIO_CONTROL
    Part() {}
#endif
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) { return dynasio::value<Part>(); }
auto const& type() { return dynasio::detail::value_type_of<Part>(); }
