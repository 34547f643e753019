#ifndef DYNASIO_TESTS_COMPILE_FAIL_VALUE_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_VALUE_MODEL_HPP

#include <dynasio/orm/schema.hpp>

#include <string>

// What the cases about members of values start from: an entity that holds a value, without a mistake.
struct Part {
    std::string name{};
    std::string hidden{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
    return value<Part>(transient<&Part::hidden>);
}
struct Other {
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Other>) { return dynasio::value<Other>(); }
struct Thing {
    std::string id{};
    Part part{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}

#endif
