// expect: dynasio: projection_of<> names a projection; name its entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Card {
    std::string title{};
};
struct Line {
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::entity<Card>(dynasio::projection_of<Post>); }
constexpr auto dynasio_schema(dynasio::tag<Line>) {
#ifdef DYNASIO_CONTROL
    return dynasio::entity<Line>(dynasio::projection_of<Post>);
#else
    return dynasio::entity<Line>(dynasio::projection_of<Card>);
#endif
}

auto use(dynasio::repository<Line> const& lines) { return lines.find("p1"); }
