// expect: dynasio: both sides of a belongs_to_many declare links of their own
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
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(partition_key<&First::id>, relate<&First::seconds>());
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(partition_key<&Second::id>, relate<&Second::firsts>(inverse_of<&First::seconds>));
#else
    return entity<Second>(partition_key<&Second::id>, relate<&Second::firsts>());
#endif
}
static_assert(dynasio::verify<First, Second>());
