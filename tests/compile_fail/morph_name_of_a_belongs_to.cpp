// expect: dynasio: relate<> has an option that this kind of relation does not take
#include <dynasio/orm/repository.hpp>

#include "morph_model.hpp"

struct Thing {
    std::string id{};
    std::string key{};
    dynasio::belongs_to<Article> article{};
};

#ifdef DYNASIO_CONTROL
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::article>(by<&Thing::key>));
}
#else
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::article>(by<&Thing::key>, morph_name<Article>{"a"}));
}
#endif
auto const& use() { return dynasio::entity_type_of<Thing>(); }
