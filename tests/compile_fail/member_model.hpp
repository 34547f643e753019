// Links that are entities. A test declares the schemas of Joining and Club.
#ifndef DYNASIO_COMPILE_FAIL_MEMBER_MODEL_HPP
#define DYNASIO_COMPILE_FAIL_MEMBER_MODEL_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <cstdint>
#include <string>

struct Club;
struct Joining;
struct Fan {
    std::string id{};
    dynasio::belongs_to_many<Club, Joining> clubs{};
};
struct Club {
    std::int64_t number{};
    dynasio::belongs_to_many<Fan, Joining> fans{};
};
struct Joining {
    std::string fan_id{};
    std::int64_t club{};
    std::string note{};
    std::int64_t rank{};
};

constexpr auto dynasio_schema(dynasio::tag<Fan>) {
    using namespace dynasio;
    return entity<Fan>(partition_key<&Fan::id>, relate<&Fan::clubs>(via<&Joining::fan_id, &Joining::club>));
}

#endif
