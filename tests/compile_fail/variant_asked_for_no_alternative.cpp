// expect: dynasio: holds<T>() names a type that is no alternative
#include <dynasio/orm/field.hpp>

#include <string>
#include <variant>

struct Thing {
    std::string id{};
    std::variant<int, std::string> either{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Thing::either>.holds<int>(); }
#else
auto use() { return dynasio::field<&Thing::either>.holds<bool>(); }
#endif
