// expect: dynasio: this member is embedded, so it is no attribute
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "embed_model.hpp"

struct Thing {
    Meta meta{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(embed<&Thing::meta>);
}
#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Thing::meta, &Meta::name>.exists(); }
#else
auto use() { return dynasio::field<&Thing::meta>.exists(); }
#endif
