// expect: dynasio: autoload<> goes in a circle
#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Folder {
    std::string id{};
    std::string parent_id{};
    dynasio::belongs_to<Folder> parent{};
};
constexpr auto dynasio_schema(dynasio::tag<Folder>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Folder>(partition_key<&Folder::id>, relate<&Folder::parent>(by<&Folder::parent_id>));
#else
    return entity<Folder>(partition_key<&Folder::id>, relate<&Folder::parent>(by<&Folder::parent_id>),
                          autoload<&Folder::parent>());
#endif
}
auto const& use() { return dynasio::entity_type_of<Folder>(); }
