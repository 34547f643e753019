// expect: dynasio: a pivot table is also the table of an entity
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
};
struct Second {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(table{"pivots"}, partition_key<&First::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(partition_key<&Second::id>, relate<&Second::roles>(pivot_table{"second_roles"}));
#else
    return entity<Second>(partition_key<&Second::id>, relate<&Second::roles>());
#endif
}
static_assert(dynasio::verify<First, Second>());
