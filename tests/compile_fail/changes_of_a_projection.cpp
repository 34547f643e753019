// expect: dynasio: a stream has whole items; read the changes of the projection's entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::entity<Card>(dynasio::projection_of<Post>); }

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<Post> const& posts) { return posts.changes(dynasio::from_start); }
#else
auto use([[maybe_unused]] dynasio::repository<Card> const& cards) { return cards.changes(dynasio::from_start); }
#endif
