// expect: dynasio: the schema of a projection has one projection_of<>, relate<>, autoload<> and transient<>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) {
#ifdef DYNASIO_CONTROL
    return dynasio::entity<Card>(dynasio::projection_of<Post>);
#else
    return dynasio::entity<Card>(dynasio::table{"cards"}, dynasio::projection_of<Post>);
#endif
}

auto use(dynasio::repository<Card> const& cards) { return cards.find("p1"); }
