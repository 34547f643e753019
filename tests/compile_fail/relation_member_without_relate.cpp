// expect: dynasio: a relation member is not declared
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
    std::string name{};
    std::string city{};
};
struct Second {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(partition_key<&First::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(partition_key<&Second::id>, transient<&Second::roles>);
#else
    return entity<Second>(partition_key<&Second::id>);
#endif
}
static_assert(dynasio::verify<First, Second>());
