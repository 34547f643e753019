// expect: dynasio: with<> names a relation of another entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
    std::string title{};
    dynasio::has_many<Comment> comments{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) {
    return dynasio::entity<Card>(dynasio::projection_of<Post>,
                                 dynasio::relate<&Card::comments>(dynasio::by<&Comment::post_id>));
}

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Card> const& cards) { return cards.find("p1", dynasio::with<&Card::comments>()); }
#else
auto use(dynasio::repository<Card> const& cards) { return cards.find("p1", dynasio::with<&Post::comments>()); }
#endif
