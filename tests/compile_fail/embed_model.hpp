#ifndef DYNASIO_TESTS_COMPILE_FAIL_EMBED_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_EMBED_MODEL_HPP

#include <dynasio/orm/schema.hpp>

#include <string>

// What the cases about embedded structs start from: a struct that can be embedded, without a mistake.
struct Meta {
    std::string id{};
    std::string name{};
    dynasio::timestamp created_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Meta>) {
    using namespace dynasio;
    return embeddable<Meta>(partition_key<&Meta::id>, created_at<&Meta::created_at>);
}

#endif
