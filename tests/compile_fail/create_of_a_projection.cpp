// expect: dynasio: a projection is read only, because writing it would lose what was not read
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::entity<Card>(dynasio::projection_of<Post>); }

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts, Post& post) { return posts.create(post); }
#else
auto use(dynasio::repository<Card> const& cards, Card& card) { return cards.create(card); }
#endif
