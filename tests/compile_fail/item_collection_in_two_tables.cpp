// expect: dynasio: an item_collection is a partition of one table
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Order;
struct Shop {
    std::string id{}, sk{};
    dynasio::has_many<Order> orders{};
};
struct Order {
    std::string shop_id{}, sk{}, other_shop{}, buyer_id{};
    dynasio::belongs_to<User> buyer{};
};
constexpr auto dynasio_schema(dynasio::tag<Shop>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Shop>(table{"app"}, partition_key<&Shop::id>, sort_key<&Shop::sk>, attribute<&Shop::id>{"shop_id"},
                        relate<&Shop::orders>(by<&Order::shop_id>, references<&Shop::id>, item_collection));
#else
    return entity<Shop>(partition_key<&Shop::id>, sort_key<&Shop::sk>, attribute<&Shop::id>{"shop_id"},
                        relate<&Shop::orders>(by<&Order::shop_id>, references<&Shop::id>, item_collection));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio;
    return entity<Order>(table{"app"}, partition_key<&Order::shop_id>, sort_key<&Order::sk>,
                         gsi<&Order::other_shop>{"by_other"}, relate<&Order::buyer>(by<&Order::buyer_id>));
}
static_assert(dynasio::verify<Shop, Order>());
