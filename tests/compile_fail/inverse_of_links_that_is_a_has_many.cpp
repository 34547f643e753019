// expect: dynasio: inverse_of<> of a belongs_to_many names a belongs_to_many
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing;
struct Label {
    std::string id{};
    std::string thing_id{};
    dynasio::belongs_to_many<Thing> things{};
};
struct Thing {
    std::string id{};
    dynasio::belongs_to_many<Label> labels{};
    dynasio::has_many<Label> own{};
};
constexpr auto dynasio_schema(dynasio::tag<Label>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Label>(partition_key<&Label::id>, gsi<&Label::thing_id>{"by_thing"},
                         relate<&Label::things>(inverse_of<&Thing::labels>));
#else
    return entity<Label>(partition_key<&Label::id>, gsi<&Label::thing_id>{"by_thing"},
                         relate<&Label::things>(inverse_of<&Thing::own>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::labels>(),
                         relate<&Thing::own>(by<&Label::thing_id>));
}
static_assert(dynasio::verify<Label, Thing>());
