// Item collections: one Query of a partition brings an entity and what lies there besides.

#include <dynasio/orm/expression.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/load_assumptions.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/where_always.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "load_fixture.hpp"

namespace dynasio::collection_tests {

using namespace load_test;

struct Order;
struct Review;
struct Settings;
struct Product;

struct Shop {
    std::string id{};
    std::string sk{"SHOP"};
    std::string name{};
    timestamp deleted_at{};
    has_many<Order> orders{};
    has_many<Review> reviews{};
    has_one<Settings> settings{};
};
struct Order {
    std::string shop_id{}, sk{}, product_id{};
    std::int64_t total{};
    belongs_to<Product> product{};
};
struct Review {
    std::string shop_id{}, sk{};
    std::int64_t stars{};
};
struct Settings {
    std::string shop_id{}, sk{}, theme{};
};
struct Product {
    std::string id{};
};

constexpr auto dynasio_schema(tag<Shop>) {
    using namespace dsl;
    return entity<Shop>(table{"app"}, partition_key<&Shop::id>, sort_key<&Shop::sk>, attribute<&Shop::id>{"pk"},
                        attribute<&Shop::sk>{"sk"}, soft_delete<&Shop::deleted_at>,
                        relate<&Shop::orders>(by<&Order::shop_id>, references<&Shop::id>, item_collection),
                        relate<&Shop::reviews>(by<&Review::shop_id>, references<&Shop::id>, item_collection),
                        relate<&Shop::settings>(by<&Settings::shop_id>, references<&Shop::id>, item_collection));
}
constexpr auto dynasio_schema(tag<Order>) {
    using namespace dsl;
    return entity<Order>(table{"app"}, partition_key<&Order::shop_id>, sort_key<&Order::sk>,
                         attribute<&Order::shop_id>{"pk"},
                         where_always([] { return field<&Order::sk>.begins_with("ORDER#"); }),
                         relate<&Order::product>(by<&Order::product_id>));
}
constexpr auto dynasio_schema(tag<Review>) {
    using namespace dsl;
    return entity<Review>(table{"app"}, partition_key<&Review::shop_id>, sort_key<&Review::sk>,
                          attribute<&Review::shop_id>{"pk"},
                          where_always([] { return field<&Review::sk>.begins_with("REVIEW#"); }));
}
constexpr auto dynasio_schema(tag<Settings>) {
    using namespace dsl;
    return entity<Settings>(table{"app"}, partition_key<&Settings::shop_id>, sort_key<&Settings::sk>,
                            attribute<&Settings::shop_id>{"pk"},
                            where_always([] { return field<&Settings::sk> == "SETTINGS"; }));
}
constexpr auto dynasio_schema(tag<Product>) {
    using namespace dsl;
    return entity<Product>(partition_key<&Product::id>);
}
static_assert(verify<Shop, Order, Review, Settings, Product>());

json::object item(std::string_view pk, std::string_view sk, json::object more = {}) {
    json::object made{{"pk", s(pk)}, {"sk", s(sk)}};
    for (auto const& [name, value] : more) made[name] = value;
    return made;
}
json::object shop(std::string_view id, std::string_view name = "") { return item(id, "SHOP", {{"name", s(name)}}); }
json::object order(std::string_view of, int number, std::string_view product = "") {
    json::object more{{"total", n(number * 10)}};
    if (!product.empty()) more["product_id"] = s(product);
    return item(of, "ORDER#" + std::to_string(number), more);
}
json::object review(std::string_view of, int number, std::int64_t stars) {
    return item(of, "REVIEW#" + std::to_string(number), {{"stars", n(stars)}});
}
std::string key(std::string_view id) { return R"({"pk":{"S":")" + std::string(id) + R"("},"sk":{"S":"SHOP"}})"; }
std::string sorts(auto const& range) {
    std::string out;
    for (auto const& e : range) out += (out.empty() ? "" : " ") + e.sk;
    return out;
}

class graph_item_collection : public load_conversation {
protected:
    template <class... Includes> void find(std::vector<std::string> const& keys, Includes... includes) {
        g().start_with_keys(entity_type_of<Shop>(), keys, children(std::move(includes)...), trashed::without);
    }
    Shop const* found(std::size_t i = 0) { return static_cast<Shop const*>(g().found_by_key().at(i).first); }
};

TEST_F(graph_item_collection, comes_with_its_owner_in_one_query) {
    find({key("s1")}, with<&Shop::orders>(), with<&Shop::reviews>(), with<&Shop::settings>());
    auto const whole = next();
    EXPECT_EQ(text_of(whole), R"(app: pk = {"S":"s1"})");
    EXPECT_FALSE(has_next());
    answer(whole, page_of({order("s1", 1), order("s1", 2), item("s1", "OTHER", {{"total", s("no number")}}),
                           review("s1", 1, 5), item("s1", "SETTINGS", {{"theme", s("dark")}}), shop("s1", "Corner")}));
    finish();
    ASSERT_NE(found(), nullptr);
    EXPECT_EQ(found()->name, "Corner");
    EXPECT_EQ(sorts(found()->orders), "ORDER#1 ORDER#2");
    EXPECT_EQ(sorts(found()->reviews), "REVIEW#1");
    EXPECT_EQ(found()->settings->theme, "dark");
    EXPECT_EQ(g().report().queries, 1U);
    EXPECT_EQ(g().report().batch_gets, 0U);
}

TEST_F(graph_item_collection, of_several_pages_asks_for_what_lies_below_as_they_come) {
    options.linger = std::chrono::milliseconds(1);
    find({key("s1")}, with<&Shop::orders>(with<&Order::product>()));
    answer(next(), page_of({order("s1", 1, "p1")}, item("s1", "ORDER#1")));
    auto const second = next();
    EXPECT_EQ(text_of(second), R"(app: pk = {"S":"s1"} after {"pk":{"S":"s1"},"sk":{"S":"ORDER#1"}})");
    EXPECT_FALSE(has_next()) << "the second page can bring keys for the same batch";
    now += std::chrono::milliseconds(2);
    auto const products = next();
    EXPECT_EQ(keys_in(products), key_set{"products p1"});
    answer(products, batch_of({{"products", {{{"id", s("p1")}}}}}));
    answer(second, page_of({order("s1", 2, "p1"), shop("s1")}));
    finish();
    ASSERT_EQ(found()->orders.size(), 2U);
    EXPECT_EQ(found()->orders[0].product->id, "p1");
    EXPECT_EQ(found()->orders[1].product->id, "p1");
}

TEST_F(graph_item_collection, without_its_owner_is_no_entity) {
    find({key("s1")}, with<&Shop::orders>());
    answer(next(), page_of({order("s1", 1)}));
    finish();
    EXPECT_EQ(found(), nullptr);
    restart();
    find({key("s1")}, with<&Shop::orders>());
    answer(next(), page_of({}));
    finish();
    EXPECT_EQ(found(), nullptr);
}

TEST_F(graph_item_collection, of_a_trashed_owner_is_left_out_with_it) {
    find({key("s1"), key("s2")}, with<&Shop::orders>());
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U) << "one for each partition";
    answer(requests[0], page_of({order("s1", 1), item("s1", "SHOP", {{"deleted_at", s("2026-01-02T03:04:05.678Z")}})}));
    answer(requests[1], page_of({order("s2", 1), shop("s2")}));
    finish();
    EXPECT_EQ(found(0), nullptr);
    EXPECT_EQ(sorts(found(1)->orders), "ORDER#1");
}

TEST_F(graph_item_collection, evaluates_conditions_and_orders_here) {
    find({key("s1")}, with<&Shop::orders>(field<&Order::total> > 10, descending<&Order::total>),
         with<&Shop::reviews>(field<&Review::sk> > "REVIEW#1"));
    auto const whole = next();
    EXPECT_EQ(text_of(whole), R"(app: pk = {"S":"s1"})");
    answer(whole, page_of({order("s1", 1), order("s1", 2), order("s1", 3), review("s1", 1, 5), review("s1", 2, 4),
                           shop("s1")}));
    finish();
    EXPECT_EQ(sorts(found()->orders), "ORDER#3 ORDER#2");
    EXPECT_EQ(sorts(found()->reviews), "REVIEW#2");
}

TEST_F(graph_item_collection, leaves_what_is_limited_counted_or_newest_first_to_queries_of_their_own) {
    find({key("s1")}, with<&Shop::orders>(newest_first, limit(2)), with<&Shop::reviews>());
    auto const whole = next();
    EXPECT_EQ(text_of(whole), R"(app: pk = {"S":"s1"})");
    answer(whole, page_of({order("s1", 1), order("s1", 2), order("s1", 3), review("s1", 1, 5), shop("s1")}));
    auto const orders = next();
    EXPECT_EQ(text_of(orders), R"(app: pk = {"S":"s1"} AND begins_with(sk, {"S":"ORDER#"}) backward limit 2)");
    answer(orders, page_of({order("s1", 3), order("s1", 2)}));
    finish();
    EXPECT_EQ(sorts(found()->orders), "ORDER#3 ORDER#2");
    EXPECT_EQ(sorts(found()->reviews), "REVIEW#1");
    restart();
    find({key("s1")}, with<&Shop::orders>(limit(2)), with_count<&Shop::reviews>());
    EXPECT_EQ(keys_in(next()), key_set{"app s1 SHOP"}) << "then there is nothing to read together";
}

TEST_F(graph_item_collection, leaves_a_condition_on_what_the_entity_does_not_declare_to_a_query) {
    find({key("s1")}, with<&Shop::orders>(expression<Order>("\"color\" = ?", std::string("red"))),
         with<&Shop::reviews>());
    auto const whole = next();
    EXPECT_EQ(text_of(whole), R"(app: pk = {"S":"s1"})");
    answer(whole, page_of({order("s1", 1), item("s1", "ORDER#2", {{"total", n(20)}, {"color", s("red")}}),
                           review("s1", 1, 5), shop("s1")}));
    auto const orders = next();
    EXPECT_EQ(text_of(orders),
              R"(app: pk = {"S":"s1"} AND begins_with(sk, {"S":"ORDER#"}) filter color = {"S":"red"})");
    answer(orders, page_of({item("s1", "ORDER#2", {{"total", n(20)}, {"color", s("red")}})}));
    finish();
    EXPECT_EQ(sorts(found()->orders), "ORDER#2");
    EXPECT_EQ(sorts(found()->reviews), "REVIEW#1");
}

TEST_F(graph_item_collection, of_owners_that_the_program_has_is_a_query_for_each_relation) {
    Shop given;
    given.id = "s1";
    start(given, with<&Shop::orders>(), with<&Shop::reviews>());
    EXPECT_EQ(texts(all()), (std::vector<std::string>{R"(app: pk = {"S":"s1"} AND begins_with(sk, {"S":"ORDER#"}))",
                                                      R"(app: pk = {"S":"s1"} AND begins_with(sk, {"S":"REVIEW#"}))"}));
}

TEST_F(graph_item_collection, has_items_that_cannot_be_read_named_or_left_out) {
    auto const answers = [&] {
        answer(next(), page_of({item("s1", "ORDER#1", {{"total", s("much")}}), order("s1", 2), shop("s1")}));
    };
    find({key("s1")}, with<&Shop::orders>());
    auto const e = error_of(answers);
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().relation_path, "Shop.orders");
    EXPECT_NE(e.info().key.find("ORDER#1"), std::string::npos) << e.info().key;
    restart();
    options.bad_items.leave_out = true;
    find({key("s1")}, with<&Shop::orders>());
    answers();
    finish();
    EXPECT_EQ(sorts(found()->orders), "ORDER#2");
    EXPECT_EQ(g().report().bad_items, 1U);
}

TEST_F(graph_item_collection, says_in_the_plan_what_is_read_together) {
    auto whole = std::make_shared<detail::load_settings>();
    whole->assumed = load_assumptions().children("Shop.orders", 100).item_size(1000);
    options.whole = std::move(whole);
    find({key("s1"), key("s2")}, with<&Shop::orders>(), with<&Shop::settings>());
    EXPECT_EQ(
        g().explain(false),
        "Shop: Query app, one for each partition, which brings what lies there with its owner "
        "[estimated 2 requests, 204 items, 25 read units]\n"
        "  orders: in the partition of its owner, by the same Query, here sk begins with \"ORDER#\"\n"
        "  settings: in the partition of its owner, by the same Query, here sk = \"SETTINGS\"\n"
        "together [estimated 2 requests, 204 items, 25 read units], assuming 2 Shop, 10 entities for each parent, "
        "1000 bytes an item\n");
}

} // namespace dynasio::collection_tests
