// expect: dynasio: two belongs_to_many store their links under one name
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct First {
    std::string id{};
};
struct Second {
    std::string id{};
    dynasio::belongs_to_many<Role> tagList{};
    dynasio::belongs_to_many<Role> tag_list{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    using namespace dynasio;
    return entity<First>(partition_key<&First::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Second>(partition_key<&Second::id>, relate<&Second::tagList>(),
                          relate<&Second::tag_list>(pivot_table{"tag_links"}));
#else
    return entity<Second>(partition_key<&Second::id>, relate<&Second::tagList>(), relate<&Second::tag_list>());
#endif
}
static_assert(dynasio::verify<Second>());
