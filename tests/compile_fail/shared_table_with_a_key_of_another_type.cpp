// expect: dynasio: two entities share a table but not the names and types of its key
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
    std::string name{};
    std::string city{};
};
struct Second {
    long id{};
    std::string key{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(table{"things"}, partition_key<&First::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(table{"things"}, partition_key<&Second::key>, attribute<&Second::key>{"id"},
                          attribute<&Second::id>{"number"});
#else
    return entity<Second>(table{"things"}, partition_key<&Second::id>);
#endif
}
static_assert(dynasio::verify<First, Second>());
