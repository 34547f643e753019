// expect: dynasio: a computed<> attribute is set by writes of the whole entity
#include <dynasio/orm/update.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};

    [[nodiscard]] std::string key_of_name() const { return name; }
    [[nodiscard]] std::string other() const { return name; }
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name, &Thing::name>);
}
#ifdef DYNASIO_CONTROL
auto use() { return dynasio::set_to<&Thing::count>(1); }
#else
auto use() { return dynasio::set_to<&Thing::key_of_name>("a"); }
#endif
