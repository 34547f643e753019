// expect: dynasio: via<> is for a belongs_to_many whose links are entities
#include <dynasio/orm/verify.hpp>

#include "member_model.hpp"

struct Street;
struct House {
    std::string id{};
    std::string street_id{};
};
struct Street {
    std::string id{};
    dynasio::has_many<House> houses{};
};
constexpr auto dynasio_schema(dynasio::tag<House>) {
    using namespace dynasio;
    return entity<House>(partition_key<&House::id>, gsi<&House::street_id>{"by_street"});
}
constexpr auto dynasio_schema(dynasio::tag<Street>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Street>(partition_key<&Street::id>, relate<&Street::houses>(by<&House::street_id>));
#else
    return entity<Street>(partition_key<&Street::id>, relate<&Street::houses>(via<&House::street_id, &House::id>));
#endif
}
static_assert(dynasio::verify<Street, House>());
