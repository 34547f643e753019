// expect: dynasio: two entities share a table in which the key of an index is stored with two types
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
    std::string name{};
    std::string city{};
};
struct Second {
    std::string id{};
    long name{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(table{"things"}, partition_key<&First::id>, gsi<&First::name>{"by_name"});
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(table{"things"}, partition_key<&Second::id>, attribute<&Second::name>{"number"});
#else
    return entity<Second>(table{"things"}, partition_key<&Second::id>);
#endif
}
static_assert(dynasio::verify<First, Second>());
