// expect: dynasio: the links of a belongs_to_many are a projection
#include <dynasio/orm/verify.hpp>

#include "member_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Joining>) {
    using namespace dynasio;
    return entity<Joining>(partition_key<&Joining::fan_id>, sort_key<&Joining::club>);
}
constexpr auto dynasio_schema(dynasio::tag<Club>) {
    using namespace dynasio;
    return entity<Club>(partition_key<&Club::number>, transient<&Club::fans>);
}
struct JoiningCard {
    std::string fan_id{};
    std::int64_t club{};
};
struct Reader {
    std::string id{};
#ifdef DYNASIO_CONTROL
    dynasio::belongs_to_many<Club, Joining> clubs{};
#else
    dynasio::belongs_to_many<Club, JoiningCard> clubs{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<JoiningCard>) {
    return dynasio::entity<JoiningCard>(dynasio::projection_of<Joining>);
}
constexpr auto dynasio_schema(dynasio::tag<Reader>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Reader>(partition_key<&Reader::id>, relate<&Reader::clubs>(via<&Joining::fan_id, &Joining::club>));
#else
    return entity<Reader>(partition_key<&Reader::id>,
                          relate<&Reader::clubs>(via<&JoiningCard::fan_id, &JoiningCard::club>));
#endif
}
static_assert(dynasio::verify<Reader, JoiningCard>());
