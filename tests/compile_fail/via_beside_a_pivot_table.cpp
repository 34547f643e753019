// expect: dynasio: a belongs_to_many whose links are entities takes via<> alone
#include <dynasio/orm/verify.hpp>

#include "member_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Joining>) {
    using namespace dynasio;
    return entity<Joining>(partition_key<&Joining::fan_id>, sort_key<&Joining::club>, gsi<&Joining::club>{"by_club"});
}
constexpr auto dynasio_schema(dynasio::tag<Club>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Club>(partition_key<&Club::number>, relate<&Club::fans>(via<&Joining::club, &Joining::fan_id>));
#else
    return entity<Club>(partition_key<&Club::number>,
                        relate<&Club::fans>(via<&Joining::club, &Joining::fan_id>, pivot_table{"joinings"}));
#endif
}
static_assert(dynasio::verify<Fan, Club, Joining>());
