// expect: dynasio: a member of a projection has another type than the member of its name
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
#ifdef DYNASIO_CONTROL
    int score{};
#else
    double score{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::entity<Card>(dynasio::projection_of<Post>); }

auto use(dynasio::repository<Card> const& cards) { return cards.find("p1"); }
