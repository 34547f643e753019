// expect: dynasio: along<> and its options are for save() and create(); trash and restore
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::timestamp deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, soft_delete<&Thing::deleted_at>);
}

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<Thing> const& things, [[maybe_unused]] Thing& thing) {
    return things.trash(thing);
}
#else
auto use([[maybe_unused]] dynasio::repository<Thing> const& things, [[maybe_unused]] Thing& thing) {
    return things.trash(thing, dynasio::in_parts);
}
#endif
