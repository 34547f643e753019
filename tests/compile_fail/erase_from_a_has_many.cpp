// expect: dynasio: edit() gives the vector of a has_many for changing
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Line {
    std::string id{};
    std::string order_id{};
};
struct Order {
    std::string id{};
    dynasio::has_many<Line> lines{};
};
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    using namespace dynasio;
    return entity<Line>(partition_key<&Line::id>, gsi<&Line::order_id>{"by_order"});
}
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio;
    return entity<Order>(partition_key<&Order::id>, relate<&Order::lines>(by<&Line::order_id>));
}

#ifdef DYNASIO_CONTROL
void use(Order& order) { order.lines.edit().erase(order.lines.edit().begin()); }
#else
void use(Order& order) { order.lines.erase(order.lines.begin()); }
#endif
