// expect: dynasio: both sides of a belongs_to_many have inverse_of<>
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing;
struct Label {
    std::string id{};
    dynasio::belongs_to_many<Thing> things{};
};
struct Thing {
    std::string id{};
    dynasio::belongs_to_many<Label> labels{};
};
constexpr auto dynasio_schema(dynasio::tag<Label>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Label>(partition_key<&Label::id>, relate<&Label::things>());
#else
    return entity<Label>(partition_key<&Label::id>, relate<&Label::things>(inverse_of<&Thing::labels>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::labels>(inverse_of<&Label::things>));
}
static_assert(dynasio::verify<Thing>());
