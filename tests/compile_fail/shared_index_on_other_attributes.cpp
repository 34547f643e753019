// expect: dynasio: two entities share a table in which an index of one name has other keys
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
    std::string name{};
    std::string city{};
};
struct Second {
    std::string id{};
    std::string name{};
    std::string city{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(table{"things"}, partition_key<&First::id>, gsi<&First::name>{"by_name"});
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(table{"things"}, partition_key<&Second::id>, gsi<&Second::name>{"by_name"},
                          gsi<&Second::city>{"by_city"});
#else
    return entity<Second>(table{"things"}, partition_key<&Second::id>, gsi<&Second::city>{"by_name"});
#endif
}
static_assert(dynasio::verify<First, Second>());
