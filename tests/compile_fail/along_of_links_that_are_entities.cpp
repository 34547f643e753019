// expect: dynasio: links that are entities are not saved along
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "member_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Joining>) {
    using namespace dynasio;
    return entity<Joining>(partition_key<&Joining::fan_id>, sort_key<&Joining::club>, gsi<&Joining::club>{"by_club"});
}
constexpr auto dynasio_schema(dynasio::tag<Club>) {
    using namespace dynasio;
    return entity<Club>(partition_key<&Club::number>, relate<&Club::fans>(via<&Joining::club, &Joining::fan_id>));
}
auto use([[maybe_unused]] dynasio::repository<Fan> const& fans, [[maybe_unused]] dynasio::client const& db,
         [[maybe_unused]] Fan& fan, [[maybe_unused]] Club const& club, [[maybe_unused]] Joining const& joining) {
#ifdef DYNASIO_CONTROL
    return fans.save(fan);
#else
    return fans.save(fan, dynasio::along<&Fan::clubs>());
#endif
}
