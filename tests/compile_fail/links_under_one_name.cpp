// expect: dynasio: two belongs_to_many store their links under one name
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
    dynasio::belongs_to_many<Role> posts_tags{};
};
struct Second {
    std::string id{};
    dynasio::belongs_to_many<Role> tags{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(table{"users"}, partition_key<&First::id>, relate<&First::posts_tags>());
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(table{"users_posts"}, partition_key<&Second::id>,
                          relate<&Second::tags>(pivot_table{"tag_links"}));
#else
    return entity<Second>(table{"users_posts"}, partition_key<&Second::id>, relate<&Second::tags>());
#endif
}
static_assert(dynasio::verify<First, Second>());
