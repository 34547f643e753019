// expect: dynasio: on_remove<> of a belongs_to_many takes clear
#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Shelf {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::roles>(), on_remove<&Shelf::roles>(dynasio::clear));
#else
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::roles>(), on_remove<&Shelf::roles>(cascade));
#endif
}
auto const& use() { return dynasio::entity_type_of<Shelf>(); }
