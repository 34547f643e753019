// expect: dynasio: an option names a member whose struct is embedded
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Meta {
    std::string id{};
    std::string name{};
    dynasio::timestamp created_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Meta>) {
    using namespace dynasio;
    return embeddable<Meta>(partition_key<&Meta::id>, created_at<&Meta::created_at>);
}
struct Thing {
    Meta meta{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(embed<&Thing::meta>, gsi<embedded<&Thing::meta, &Meta::name>>{"by_name"});
#else
    return entity<Thing>(embed<&Thing::meta>, transient<&Thing::meta>);
#endif
}
static_assert(dynasio::verify<Thing>());
