// expect: dynasio: embeddable<T>(...) takes partition_key
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
#ifdef DYNASIO_CONTROL
    return embeddable<Meta>(partition_key<&Meta::id>);
#else
    return embeddable<Meta>(partition_key<&Meta::id>, table{"things"});
#endif
}
struct Thing {
    Meta meta{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(embed<&Thing::meta>);
}
static_assert(dynasio::verify<Thing>());
