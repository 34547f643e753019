// expect: dynasio: the foreign key has another type than the key it refers to
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

template <int> struct Id {
    std::string value{};
};
template <int N> struct dynasio::codec<Id<N>> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::string;
    static void encode(std::string& out, Id<N> const& id);
    static void decode(dynasio::dynamodb::json_reader& in, Id<N>& id);
};
struct Thing;
struct Owner {
    Id<1> id{};
    dynasio::has_many<Thing> things{};
};
struct Thing {
    Id<2> id{};
    Id<1> owner_id{};
    Id<2> other_id{};
};
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Owner>(partition_key<&Owner::id>, relate<&Owner::things>(by<&Thing::owner_id>));
#else
    return entity<Owner>(partition_key<&Owner::id>, relate<&Owner::things>(by<&Thing::other_id>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_id>{"by_owner"},
                         gsi<&Thing::other_id>{"by_other"});
}
static_assert(dynasio::verify<Owner, Thing>());
