// expect: dynasio: on_remove<> is for has_one, has_many and belongs_to_many
#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Sheet;
struct Shelf {
    std::string id{};
    std::string owner_id{};
    dynasio::belongs_to<User> owner{};
    dynasio::has_many<Post> posts{};
    dynasio::has_many<Sheet> sheets{};
};
struct Sheet {
    std::string shelf_id{};
    int number{};
};
constexpr auto dynasio_schema(dynasio::tag<Sheet>) {
    using namespace dynasio;
    return entity<Sheet>(partition_key<&Sheet::shelf_id>, sort_key<&Sheet::number>);
}
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio;
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::owner>(by<&Shelf::owner_id>),
                         relate<&Shelf::posts>(by<&Post::author_id>), relate<&Shelf::sheets>(by<&Sheet::shelf_id>),
#ifdef DYNASIO_CONTROL
                         on_remove<&Shelf::posts>(dynasio::clear));
#else
                         on_remove<&Shelf::owner>(dynasio::cascade));
#endif
}
auto const& use() { return dynasio::entity_type_of<Shelf>(); }
