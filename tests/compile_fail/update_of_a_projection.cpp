// expect: dynasio: a projection has no table of its own; name its entity
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::entity<Card>(dynasio::projection_of<Post>); }

#ifdef DYNASIO_CONTROL
auto use(dynasio::client const& db) { return dynasio::update_tables<Post>(db); }
#else
auto use(dynasio::client const& db) { return dynasio::update_tables<Card>(db); }
#endif
