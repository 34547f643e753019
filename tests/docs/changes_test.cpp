// The code in docs/changes.md, run against a server. Parts between `//[name` and `//]` appear there word for word.

//[model
#include <dynasio/orm/repository.hpp>

struct Order {
    std::string id{};
    std::string status{};
    std::int64_t total{};
};
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio::dsl;
    return entity<Order>(partition_key<&Order::id>, streamed<>);
}
//]

#include <iostream>

#include "database.hpp"

namespace guide {
namespace {

namespace asio = boost::asio;

std::string remembered;
std::string load_position() { return remembered; }
void store_position(std::string const& text) { remembered = text; }

//[follow
asio::awaitable<void> follow(dynasio::client db) {
    using namespace dynasio::dsl;
    dynasio::repository<Order> orders(db);

    std::string const stored = load_position();
    auto changes = stored.empty() ? orders.changes(from_start) : orders.changes(change_position(stored));
    for (;;) {
        auto const change = co_await changes.next(); // waits until there is one
        if (!change) break;                          // the stream was disabled, and this was its end

        if (change->kind == change_kind::insert) std::cout << "new: " << change->after->id << '\n';
        if (change->kind == change_kind::modify)
            std::cout << change->before->status << " -> " << change->after->status << '\n';
        if (change->kind == change_kind::remove)
            std::cout << (change->expired ? "expired: " : "removed: ") << change->before->id << '\n';

        store_position(changes.position().text());
        if (change->kind == change_kind::remove) break;
    }
}
//]

//[keys
asio::awaitable<void> follow_keys(dynasio::client db) {
    using namespace dynasio::dsl;
    using namespace std::chrono_literals;
    dynasio::repository<Order> orders(db);

    auto changes = orders.changes(from_now, seeing(stream_view::keys_only), poll_every(2s));
    co_await changes.start(); // what is written from here on will come

    Order order{"o-9", "paid", 20};
    co_await orders.save(order);
    auto const change = co_await changes.next(10s); // nothing, should none come within ten seconds
    if (!change) co_return;
    auto const now = co_await orders.find(change->key);
    std::cout << now->status << '\n';
}
//]

class docs_changes : public docs_database<Order> {};

TEST_F(docs_changes, are_followed_from_where_a_program_stopped) {
    dynasio::repository<Order> const orders(db_);
    Order order{"o-1", "open", 10};
    run(orders.save(order));
    order.status = "paid";
    run(orders.save(order));
    EXPECT_TRUE(run(orders.remove_key("o-1")));
    EXPECT_EQ(printed_by(follow(db_)), "new: o-1\nopen -> paid\nremoved: o-1\n");
    order = Order{"o-2", "open", 10};
    run(orders.save(order));
    EXPECT_TRUE(run(orders.remove_key("o-2")));
    EXPECT_EQ(printed_by(follow(db_)), "new: o-2\nremoved: o-2\n");
}

TEST_F(docs_changes, lead_to_entities_by_their_keys) { EXPECT_EQ(printed_by(follow_keys(db_)), "paid\n"); }

} // namespace
} // namespace guide
