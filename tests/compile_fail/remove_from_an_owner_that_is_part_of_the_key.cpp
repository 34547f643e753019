// expect: dynasio: remove would take away a part of the entity's own key
#include <dynasio/orm/repository.hpp>

#include <string>

struct Line;
struct Order {
    std::string id{};
    dynasio::has_many<Line> lines{};
};
struct Line {
    std::string order_id{};
    long number{};
    std::string other_id{};
};
#ifdef DYNASIO_CONTROL
constexpr auto foreign_key = &Line::other_id;
#else
constexpr auto foreign_key = &Line::order_id;
#endif
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio;
    return entity<Order>(partition_key<&Order::id>, relate<&Order::lines>(by<foreign_key>));
}
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    using namespace dynasio;
    return entity<Line>(partition_key<&Line::order_id>, sort_key<&Line::number>, gsi<&Line::other_id>{"by_other"});
}
auto use(dynasio::repository<Order> const& orders, Order const& order, Line& line) {
    return orders.related<&Order::lines>(order).remove(line);
}
