// expect: dynasio: two relations are inverse_of<> the same one
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Second;
struct First {
    std::string id{};
    dynasio::belongs_to_many<Second> seconds{};
};
struct Second {
    std::string id{};
    dynasio::belongs_to_many<First> firsts{};
    dynasio::belongs_to_many<First> others{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(partition_key<&First::id>, relate<&First::seconds>());
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(partition_key<&Second::id>, relate<&Second::firsts>(inverse_of<&First::seconds>),
                          relate<&Second::others>(pivot_table{"others"}));
#else
    return entity<Second>(partition_key<&Second::id>, relate<&Second::firsts>(inverse_of<&First::seconds>),
                          relate<&Second::others>(inverse_of<&First::seconds>));
#endif
}
static_assert(dynasio::verify<First, Second>());
