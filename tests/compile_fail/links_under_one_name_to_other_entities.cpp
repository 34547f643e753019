// expect: dynasio: two belongs_to_many store their links under one name
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
    dynasio::belongs_to_many<Role> tags{};
};
struct Second {
    std::string id{};
    dynasio::belongs_to_many<Post> tags{};
    dynasio::belongs_to_many<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(table{"things"}, partition_key<&First::id>, relate<&First::tags>());
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(table{"things"}, partition_key<&Second::id>,
                          relate<&Second::tags>(pivot_table{"tagged_posts"}), relate<&Second::roles>());
#else
    return entity<Second>(table{"things"}, partition_key<&Second::id>, relate<&Second::tags>(),
                          relate<&Second::roles>());
#endif
}
static_assert(dynasio::verify<First, Second>());
