// expect: dynasio: entities are counted in relations to many
#include <dynasio/orm/with.hpp>

#include "model.hpp"

struct Seal {
    std::string id{};
    std::string owner_id{};
};
struct Owner {
    std::string id{};
    dynasio::has_one<Seal> seal{};
};
constexpr auto dynasio_schema(dynasio::tag<Seal>) {
    using namespace dynasio;
    return entity<Seal>(partition_key<&Seal::id>, gsi<&Seal::owner_id>{"by_owner"});
}
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
    return entity<Owner>(partition_key<&Owner::id>, relate<&Owner::seal>(by<&Seal::owner_id>));
}

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Owner::seal>(); }
#else
auto use() { return dynasio::with_count<&Owner::seal>(); }
#endif
