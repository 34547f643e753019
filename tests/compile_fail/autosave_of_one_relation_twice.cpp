// expect: dynasio: a relation has two autosave<>
#include <dynasio/orm/autosave.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Shelf {
    std::string id{};
    std::string owner_id{};
    dynasio::belongs_to<User> owner{};
};
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::owner>(by<&Shelf::owner_id>),
                         autosave<&Shelf::owner>());
#else
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::owner>(by<&Shelf::owner_id>),
                         autosave<&Shelf::owner>(), autosave<&Shelf::owner>());
#endif
}
auto const& use() { return dynasio::entity_type_of<Shelf>(); }
