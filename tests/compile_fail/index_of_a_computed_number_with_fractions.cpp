// expect: dynasio: a key of a gsi or lsi is a stored std::string
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};

    [[nodiscard]] std::string key_of_name() const { return name; }
    [[nodiscard]] double half() const { return static_cast<double>(count) / 2; }
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::half>);
#else
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::half>, gsi<&Thing::half>{"by_half"});
#endif
}
static_assert(dynasio::verify<Thing>());
