// A shop: users order products and review them. Every relation is loaded from both of its ends, several levels deep,
// and each step says which requests it took.
//
// Errors are shown in both forms: most calls throw dynasio::error; step 7 and the clean-up look at a dynasio::result.
// The tables get a prefix of their own for each run and are dropped at the end, whether the steps succeeded or not.
//
// Left out: concurrent writes (examples/blog), stock that is counted down together with the order (examples/accounts
// has transactions), pages, and consistency: on Amazon's service an index follows its table after a moment, so that a
// program which reads at once what it wrote should be ready not to find it yet.

#include <dynasio/orm/along.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/where_always.hpp>

#include <dynasio/dynamodb/request_counts.hpp>

#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace shop {

using dynasio::timestamp;

/// An amount of money. An integer of cents: sums of binary fractions drift.
using cents = std::int64_t;

struct Order;
struct OrderItem;
struct Review;

struct User {
    std::string id{}, name{}, email{}, role{"customer"};
    timestamp created_at{}, updated_at{};
    dynasio::has_many<Order> orders{};
    dynasio::has_many<Review> reviews{};
};

struct Product {
    std::string id{}, name{}, description{};
    cents price{};
    std::uint32_t stock{};
    timestamp created_at{};
    dynasio::has_many<OrderItem> order_items{};
    dynasio::has_many<Review> reviews{};
    dynasio::belongs_to_many<Product> goes_with{};
};

struct Order {
    std::string id{}, user_id{}, status{"pending"};
    cents total{};
    timestamp created_at{}, updated_at{};
    dynasio::belongs_to<User> user{};
    dynasio::has_many<OrderItem> items{};
};

struct OrderItem {
    std::string id{}, order_id{}, product_id{};
    std::uint32_t quantity{};
    cents price{};
    dynasio::belongs_to<Order> order{};
    dynasio::belongs_to<Product> product{};
};

struct Review {
    std::string id{}, user_id{}, product_id{};
    int rating{};
    std::string comment{};
    timestamp created_at{};
    dynasio::belongs_to<User> user{};
    dynasio::belongs_to<Product> product{};
};

struct BasketLine;

/// A basket and its lines lie in one partition of one table, so that both are read by one Query.
struct Basket {
    std::string user_id{};
    std::string part{"BASKET"}; // the sort key
    std::string coupon{};
    dynasio::has_many<BasketLine> lines{};
};

struct BasketLine {
    std::string user_id{};
    std::string part{}; // "LINE#" and the product's id
    std::string product_id{};
    std::uint32_t quantity{};
    dynasio::belongs_to<Product> product{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(partition_key<&User::id>, timestamps<&User::created_at, &User::updated_at>,
                        relate<&User::orders>(by<&Order::user_id>), relate<&User::reviews>(by<&Review::user_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Product>) {
    using namespace dynasio::dsl;
    return entity<Product>(partition_key<&Product::id>, created_at<&Product::created_at>,
                           relate<&Product::order_items>(by<&OrderItem::product_id>),
                           relate<&Product::reviews>(by<&Review::product_id>),
                           // Whatever goes with a product has that product among what goes with it.
                           relate<&Product::goes_with>(symmetric));
}
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio::dsl;
    return entity<Order>(partition_key<&Order::id>, timestamps<&Order::created_at, &Order::updated_at>,
                         gsi<&Order::user_id>{"by_user"}, relate<&Order::user>(by<&Order::user_id>),
                         relate<&Order::items>(by<&OrderItem::order_id>), required<&Order::user>,
                         on_remove<&Order::items>(cascade));
}
constexpr auto dynasio_schema(dynasio::tag<OrderItem>) {
    using namespace dynasio::dsl;
    return entity<OrderItem>(
        partition_key<&OrderItem::id>, gsi<&OrderItem::order_id>{"by_order"}, gsi<&OrderItem::product_id>{"by_product"},
        relate<&OrderItem::order>(by<&OrderItem::order_id>), relate<&OrderItem::product>(by<&OrderItem::product_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Review>) {
    using namespace dynasio::dsl;
    return entity<Review>(partition_key<&Review::id>, created_at<&Review::created_at>, gsi<&Review::user_id>{"by_user"},
                          gsi<&Review::product_id>{"by_product"}, relate<&Review::user>(by<&Review::user_id>),
                          relate<&Review::product>(by<&Review::product_id>));
}

constexpr auto dynasio_schema(dynasio::tag<Basket>) {
    using namespace dynasio::dsl;
    return entity<Basket>(
        table{"baskets"}, partition_key<&Basket::user_id>, sort_key<&Basket::part>,
        relate<&Basket::lines>(by<&BasketLine::user_id>, references<&Basket::user_id>, item_collection));
}
constexpr auto dynasio_schema(dynasio::tag<BasketLine>) {
    using namespace dynasio::dsl;
    return entity<BasketLine>(table{"baskets"}, partition_key<&BasketLine::user_id>, sort_key<&BasketLine::part>,
                              where_always([] { return field<&BasketLine::part>.begins_with("LINE#"); }),
                              relate<&BasketLine::product>(by<&BasketLine::product_id>));
}

static_assert(dynasio::verify<User, Product, Order, OrderItem, Review, Basket, BasketLine>());

} // namespace shop

namespace {

using namespace shop;
using dynasio::as_result;
using dynasio::client;
using dynasio::field;
using dynasio::load_report;
using dynasio::report_to;
using dynasio::repository;
using dynasio::result;
using dynasio::with;

std::string dollars(cents amount) {
    auto const fraction = std::to_string(amount % 100);
    return "$" + std::to_string(amount / 100) + (fraction.size() < 2 ? ".0" : ".") + fraction;
}

/// A foreign key may lead nowhere: what it led to was deleted.
template <class T> std::string name_of(dynasio::belongs_to<T> const& related) {
    return related ? related->name : "(deleted)";
}

/// Says what the client has sent since it was asked last.
class request_meter {
public:
    explicit request_meter(client const& db) : db_(db), before_(db.requests()) {}

    void print(load_report const* load = nullptr) {
        auto const& now = db_.requests();
        std::cout << "[requests:";
        for (std::size_t i = 0; i < dynasio::dynamodb::operation_count; ++i) {
            auto const op = static_cast<dynasio::dynamodb::operation>(i);
            if (now[op] != before_[op]) std::cout << ' ' << to_string(op) << ' ' << now[op] - before_[op];
        }
        if (load) std::cout << "; items: " << load->items;
        std::cout << "]\n\n";
        before_ = now;
    }

private:
    client const& db_;
    dynasio::dynamodb::request_counts before_;
};

/// A basket becomes an order: the relations that look different in DynamoDB than in SQL.
asio::awaitable<void> buy_from_basket(client db, User const& john, Product const& laptop, Product const& mouse) {
    using namespace dynasio::dsl;
    repository<Product> const products(db);
    repository<Order> const orders(db);
    repository<Basket> const baskets(db);
    repository<BasketLine> const lines(db);
    request_meter meter(db);

    std::cout << "11. Linking products that go together...\n";
    co_await products.related<&Product::goes_with>(laptop).attach(mouse);
    load_report report;
    auto const seen = co_await products.get(mouse.id, with<&Product::goes_with>(), with_count<&Product::reviews>(),
                                            report_to(report));
    for (Product const& other : seen.goes_with) std::cout << seen.name << " goes with " << other.name << '\n';
    std::cout << seen.name << " has " << seen.reviews.count() << " review(s)\n";
    meter.print(&report);

    std::cout << "12. Filling a basket...\n";
    Basket basket{.user_id = john.id, .coupon = "SPRING"};
    BasketLine a_mouse{.user_id = john.id, .part = "LINE#" + mouse.id, .product_id = mouse.id, .quantity = 3};
    co_await baskets.create(basket);
    co_await lines.create(a_mouse);
    std::cout << "Basket with coupon " << basket.coupon << '\n';
    meter.print();

    std::cout << "13. Loading basket with lines and products...\n";
    report = load_report();
    auto const filled = co_await baskets.get(key(john.id, "BASKET"), with<&Basket::lines>(with<&BasketLine::product>()),
                                             report_to(report));
    for (BasketLine const& line : filled.lines)
        std::cout << "  " << line.quantity << "x " << name_of(line.product) << '\n';
    meter.print(&report);

    std::cout << "14. Ordering what is in the basket, all of it or nothing...\n";
    Order order{.user_id = john.id};
    std::vector<OrderItem> items;
    for (BasketLine const& line : filled.lines) {
        OrderItem item{.product_id = line.product_id, .quantity = line.quantity, .price = line.product->price};
        order.total += static_cast<cents>(item.quantity) * item.price;
        items.push_back(item);
    }
    order.items.set(std::move(items));
    co_await orders.save(order, along<&Order::items>());
    std::cout << "Order " << order.id << ": " << order.items.size() << " item(s), " << dollars(order.total) << '\n';
    meter.print();

    std::cout << "15. Removing the order with its items...\n";
    bool const removed = co_await orders.remove(order);
    std::cout << (removed ? "removed\n" : "was not there\n");
    meter.print();

    std::cout << "16. An order of nobody...\n";
    Order of_nobody;
    auto const refused = co_await as_result(orders.create(of_nobody));
    std::cout << refused.error().code.message() << ": " << refused.error().info->message << '\n';
    meter.print();
}

asio::awaitable<void> sell(client db) {
    repository<User> const users(db);
    repository<Product> const products(db);
    repository<Order> const orders(db);
    repository<OrderItem> const items(db);
    repository<Review> const reviews(db);
    request_meter meter(db);

    std::cout << "1. Creating users...\n";
    User john{.name = "John Doe", .email = "john@example.com"};
    User jane{.name = "Jane Smith", .email = "jane@example.com"};
    co_await users.create(john);
    co_await users.create(jane);
    std::cout << "Created: " << john.name << ", " << jane.name << '\n';
    meter.print();

    std::cout << "2. Creating products...\n";
    Product laptop{.name = "Laptop", .description = "High-performance laptop", .price = 999'99, .stock = 10};
    Product mouse{.name = "Mouse", .description = "Wireless mouse", .price = 29'99, .stock = 50};
    Product keyboard{.name = "Keyboard", .description = "Mechanical keyboard", .price = 79'99, .stock = 30};
    co_await products.create(laptop);
    co_await products.create(mouse);
    co_await products.create(keyboard);
    std::cout << "Created: " << laptop.name << ", " << mouse.name << ", " << keyboard.name << '\n';
    meter.print();

    std::cout << "3. Creating orders...\n";
    Order first{.user_id = john.id, .total = 1109'97}; // two mice for the price of one
    Order second{.user_id = jane.id, .status = "completed", .total = 79'99};
    co_await orders.create(first);
    co_await orders.create(second);
    std::cout << "Created: Order " << first.id << ", Order " << second.id << '\n';
    meter.print();

    std::cout << "4. Creating order items...\n";
    OrderItem one_laptop{.order_id = first.id, .product_id = laptop.id, .quantity = 1, .price = laptop.price};
    OrderItem two_mice{.order_id = first.id, .product_id = mouse.id, .quantity = 2, .price = mouse.price};
    OrderItem a_keyboard{.order_id = first.id, .product_id = keyboard.id, .quantity = 1, .price = keyboard.price};
    OrderItem another{.order_id = second.id, .product_id = keyboard.id, .quantity = 1, .price = keyboard.price};
    co_await items.create(one_laptop);
    co_await items.create(two_mice);
    co_await items.create(a_keyboard);
    co_await items.create(another);
    std::cout << "Order items created\n";
    meter.print();

    std::cout << "5. Creating reviews...\n";
    Review of_laptop{.user_id = john.id,
                     .product_id = laptop.id,
                     .rating = 5,
                     .comment = "Excellent laptop! Very fast and reliable."};
    Review of_keyboard{
        .user_id = jane.id, .product_id = keyboard.id, .rating = 4, .comment = "Great keyboard, but a bit loud."};
    co_await reviews.create(of_laptop);
    co_await reviews.create(of_keyboard);
    std::cout << "Reviews created\n";
    meter.print();

    std::cout << "6. Loading user with orders...\n";
    load_report report;
    auto const customer = co_await users.get(john.id, with<&User::orders>(), report_to(report));
    std::cout << customer.name << " has " << customer.orders.size() << " order(s)\n";
    for (Order const& order : customer.orders)
        std::cout << "  Order " << order.id << ": " << dollars(order.total) << " (" << order.status << ")\n";
    meter.print(&report);

    std::cout << "7. Loading order with items and products...\n";
    report = load_report();
    auto const loaded = co_await as_result(orders.get(
        first.id, with<&Order::user>(), with<&Order::items>(with<&OrderItem::product>()), report_to(report)));
    if (loaded.has_value()) {
        std::cout << "Order " << loaded->id << " by " << name_of(loaded->user) << '\n';
        std::cout << "Total: " << dollars(loaded->total) << "\nItems:\n";
        for (OrderItem const& item : loaded->items)
            std::cout << "  " << item.quantity << "x " << name_of(item.product) << " @ " << dollars(item.price) << '\n';
    } else if (loaded.error().code == dynasio::errc::not_found) {
        std::cout << "somebody has deleted it: no reason to stop\n";
    } else {
        throw dynasio::error(loaded.error());
    }
    meter.print(&report);

    std::cout << "8. Loading product with reviews...\n";
    report = load_report();
    auto const reviewed =
        co_await products.get(laptop.id, with<&Product::reviews>(with<&Review::user>()), report_to(report));
    std::cout << reviewed.name << " - Reviews:\n";
    for (Review const& review : reviewed.reviews)
        std::cout << "  " << review.rating << "/5 by " << name_of(review.user) << "\n  \"" << review.comment << "\"\n";
    meter.print(&report);

    std::cout << "9. Loading user with all relationships...\n";
    report = load_report();
    auto const complete =
        co_await users.get(john.id, with<&User::orders>(with<&Order::items>(with<&OrderItem::product>())),
                           with<&User::reviews>(with<&Review::product>()), report_to(report));
    std::cout << complete.name << ":\n  Orders: " << complete.orders.size() << '\n';
    for (Order const& order : complete.orders)
        std::cout << "    - Order " << order.id << ": " << order.items.size() << " items, " << dollars(order.total)
                  << '\n';
    std::cout << "  Reviews: " << complete.reviews.size() << '\n';
    for (Review const& review : complete.reviews)
        std::cout << "    - " << review.rating << "/5 for " << name_of(review.product) << '\n';
    meter.print(&report);

    std::cout << "10. Loading completed orders only...\n";
    report = load_report();
    // No key says which users: scan() is the permission to read the whole table.
    auto const everybody =
        co_await users.scan(report_to(report)).with<&User::orders>(field<&Order::status> == "completed").all();
    for (User const& user : everybody)
        if (!user.orders.empty()) std::cout << user.name << ": " << user.orders.size() << " completed order(s)\n";
    meter.print(&report);

    auto buying = buy_from_basket(db, john, laptop, mouse);
    co_await std::move(buying);
}

asio::awaitable<void> run(client db) {
    std::cout << "=== E-Commerce Relationships Example ===\n\n";
    co_await dynasio::create_tables<User, Product, Order, OrderItem, Review, Basket>(db);
    auto sold = co_await as_result(sell(db));
    auto dropped = co_await as_result(dynasio::drop_tables<User, Product, Order, OrderItem, Review, Basket>(db));
    sold.value(); // throws what went wrong in the steps
    dropped.value();
    std::cout << "=== All relationship operations completed ===\n";
}

} // namespace

int main() try {
    asio::io_context io;
    dynasio::client_options options;
    options.table_prefix = "shop_" + dynasio::ulid_generator().next() + "_";
    std::exception_ptr failed;
    asio::co_spawn(io, run(client(io, options)), [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
} catch (std::exception const& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 1;
}
