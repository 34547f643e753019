// expect: dynasio: a member has a type that dynasio cannot store, a std::variant with an alternative that it cannot
// store
#include <dynasio/orm/repository.hpp>

#include <string>
#include <variant>

struct Unknown {
    int x{};
};
struct Thing {
    std::string id{};
#ifdef DYNASIO_CONTROL
    std::variant<int, std::string> either{};
#else
    std::variant<int, Unknown> either{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
