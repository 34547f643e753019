// expect: dynasio: relate<>(...) takes by, references, through, inverse_of, pivot_table, via and morph_name
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string user_id{};
    dynasio::belongs_to<User> user{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::user>(by<&Thing::user_id>));
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::user>(by<&Thing::user_id>, table{"things"}));
#endif
}
static_assert(dynasio::verify<Thing>());
