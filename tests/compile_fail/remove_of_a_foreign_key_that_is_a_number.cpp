// expect: dynasio: remove needs a foreign key that can be without a value
#include <dynasio/orm/repository.hpp>

#include <optional>

#ifdef DYNASIO_CONTROL
using foreign_key = std::optional<long>;
#else
using foreign_key = long;
#endif
struct Line;
struct Order {
    long id{};
    dynasio::has_many<Line> lines{};
};
struct Line {
    long id{};
    foreign_key order_id{};
};
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio;
    return entity<Order>(partition_key<&Order::id>, relate<&Order::lines>(by<&Line::order_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    using namespace dynasio;
    return entity<Line>(partition_key<&Line::id>, gsi<&Line::order_id>{"by_order"});
}
auto use(dynasio::repository<Order> const& orders, Order const& order, Line& line) {
    return orders.related<&Order::lines>(order).remove(line);
}
