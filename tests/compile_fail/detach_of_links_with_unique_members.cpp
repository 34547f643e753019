// expect: dynasio: links whose entity has unique<>, computed<> or on_remove<>
#include <dynasio/orm/repository.hpp>

#include "member_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Joining>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Joining>(partition_key<&Joining::fan_id>, sort_key<&Joining::club>, gsi<&Joining::club>{"by_club"});
#else
    return entity<Joining>(partition_key<&Joining::fan_id>, sort_key<&Joining::club>, gsi<&Joining::club>{"by_club"},
                           unique<&Joining::note>);
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Club>) {
    using namespace dynasio;
    return entity<Club>(partition_key<&Club::number>, relate<&Club::fans>(via<&Joining::club, &Joining::fan_id>));
}
auto use([[maybe_unused]] dynasio::repository<Fan> const& fans, [[maybe_unused]] dynasio::client const& db,
         [[maybe_unused]] Fan& fan, [[maybe_unused]] Club const& club, [[maybe_unused]] Joining const& joining) {
    return fans.related<&Fan::clubs>(fan).detach(club);
}
