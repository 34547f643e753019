// expect: dynasio: a member of a projection has no member of its name in the entity that it is a projection of
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
#ifdef DYNASIO_CONTROL
    std::string title{};
#else
    std::string heading{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::entity<Card>(dynasio::projection_of<Post>); }

auto use(dynasio::repository<Card> const& cards) { return cards.find("p1"); }
