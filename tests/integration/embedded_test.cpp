#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/update.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// Entities with an embedded base, and classes with private members, against a real server.
namespace base {

using namespace dynasio::dsl;

/// What every entity of the model has.
struct Model {
    std::string id{};
    timestamp created_at{}, updated_at{}, deleted_at{};
};
constexpr auto dynasio_schema(tag<Model>) {
    return embeddable<Model>(partition_key<&Model::id>, timestamps<&Model::created_at, &Model::updated_at>,
                             soft_delete<&Model::deleted_at>);
}

struct Receipt;
struct Customer {
    Model model{};
    std::string name{};
    dynasio::has_many<Receipt> receipts{};
};
struct Receipt {
    Model model{};
    std::string customer_id{};
    int total{};
    dynasio::belongs_to<Customer> customer{};
};
constexpr auto dynasio_schema(tag<Customer>) {
    return entity<Customer>(embed<&Customer::model>, relate<&Customer::receipts>(by<&Receipt::customer_id>));
}
constexpr auto dynasio_schema(tag<Receipt>) {
    return entity<Receipt>(embed<&Receipt::model>,
                           gsi<&Receipt::customer_id, embedded<&Receipt::model, &Model::created_at>>{"by_customer"},
                           relate<&Receipt::customer>(by<&Receipt::customer_id>));
}
static_assert(dynasio::verify<Customer, Receipt>());

class Purse {
public:
    Purse() = default;
    Purse(std::string id, std::string owner) : id_(std::move(id)), owner_(std::move(owner)) {}

    [[nodiscard]] std::string const& owner() const noexcept { return owner_; }
    [[nodiscard]] int coins() const noexcept { return coins_; }
    void put(int coins) noexcept {
        coins_ += coins;
        ++times_;
    }

private:
    std::string id_{};
    std::string owner_{};
    int coins_{};
    int times_{}; // not listed, so not stored

    friend constexpr auto dynasio_schema(tag<Purse>) {
        return entity<Purse>(members<&Purse::id_, &Purse::owner_, &Purse::coins_>, partition_key<&Purse::id_>,
                             gsi<&Purse::owner_>{"by_owner"});
    }

public:
    static auto of(std::string const& owner) { return field<&Purse::owner_> == owner; }
    static auto more(int coins) { return add<&Purse::coins_>(coins); }
};
static_assert(dynasio::verify<Purse>());

} // namespace base

namespace dynasio {
namespace {

using base::Customer;
using base::Model;
using base::Purse;
using base::Receipt;

class embedded_bases : public test::database_test {
protected:
    embedded_bases() { create_tables<Customer, Receipt>(); }
    repository<Customer> const customers{db};
    repository<Receipt> const orders{db};
};

TEST_F(embedded_bases, give_entities_their_key_and_times) {
    Customer ada{.name = "Ada"};
    run(customers.save(ada));
    EXPECT_EQ(ada.model.id.size(), 26U);
    EXPECT_TRUE(ada.model.created_at.is_set());
    auto const item = stored("customers", ada.model.id);
    EXPECT_EQ(item.size(), 4U) << "id, two times and the name, and nothing is nested";
    EXPECT_EQ(item.at("name").as_string(), "Ada");
    auto const again = run(customers.get(ada.model.id));
    EXPECT_EQ(again.model.created_at, ada.model.created_at);
    EXPECT_EQ(again.name, "Ada");
    EXPECT_TRUE(run(compare_tables<Customer, Receipt>(direct)).empty());
}

TEST_F(embedded_bases, are_trashed_related_and_ordered) {
    Customer ada{.name = "Ada"};
    run(customers.save(ada));
    std::vector<Receipt> list(3);
    for (int i = 0; i < 3; ++i) {
        list[static_cast<std::size_t>(i)].customer_id = ada.model.id;
        list[static_cast<std::size_t>(i)].total = i;
        run(orders.save(list[static_cast<std::size_t>(i)]));
    }
    run(orders.trash(list[1]));
    auto const found = run(customers.get(ada.model.id, with<&Customer::receipts>()));
    ASSERT_EQ(found.receipts.size(), 2U);
    EXPECT_EQ(found.receipts[0].total, 0);
    EXPECT_EQ(run(orders
                      .where(field<&Receipt::customer_id> == ada.model.id &&
                             field<&Receipt::model, &Model::created_at> >= list[2].model.created_at)
                      .count()),
              list[2].model.created_at == list[0].model.created_at ? 2U : 1U);
    auto const order = run(orders.get(list[2].model.id, with<&Receipt::customer>()));
    ASSERT_NE(order.customer.get(), nullptr);
    EXPECT_EQ(order.customer->name, "Ada");
    run(orders.restore(list[1]));
    EXPECT_EQ(run(orders.where(field<&Receipt::customer_id> == ada.model.id).count()), 3U);
}

TEST_F(embedded_bases, are_tracked_and_updated) {
    Receipt order{.customer_id = "c", .total = 1};
    run(orders.save(order));
    repository<tracked<Receipt>> const tracking{db};
    auto seen = run(tracking.get(order.model.id));
    seen->total = 5;
    EXPECT_EQ(seen.dirty_members(), std::vector<std::string>{"total"});
    run(tracking.save(seen));
    auto const after = run(orders.update(order.model.id, add<&Receipt::total>(2)));
    EXPECT_EQ(after.total, 7);
    EXPECT_GE(after.model.updated_at, order.model.updated_at);
}

TEST_F(embedded_bases, read_items_that_others_wrote) {
    run(direct.put_item(
        dynamodb::put_item_request(prefix + "customers", {{"id", "bare"}, {"model", "what others call so"}})));
    auto const bare = run(customers.get("bare"));
    EXPECT_FALSE(bare.model.created_at.is_set());
    run(direct.put_item(
        dynamodb::put_item_request(prefix + "customers", {{"id", "null"}, {"created_at", dynamodb::null_value()}})));
    EXPECT_FALSE(run(customers.get("null")).model.created_at.is_set());
    run(direct.put_item(dynamodb::put_item_request(prefix + "customers", {{"id", "number"}, {"created_at", 7}})));
    EXPECT_EQ(failure_of(customers.get("number")).code, errc::attribute_type_mismatch);
}

class classes_with_private_members : public test::database_test {
protected:
    classes_with_private_members() { create_tables<Purse>(); }
    repository<Purse> const purses{db};
};

TEST_F(classes_with_private_members, are_stored_found_and_changed) {
    Purse purse("p", "ada");
    purse.put(3);
    run(purses.create(purse));
    EXPECT_EQ(stored("purses", "p").size(), 3U) << "what is not listed is not stored";
    EXPECT_EQ(run(purses.get("p")).coins(), 3);
    auto const found = run(purses.where(Purse::of("ada")).all());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].owner(), "ada");
    EXPECT_EQ(run(purses.update("p", Purse::more(4))).coins(), 7);
}

TEST_F(classes_with_private_members, keep_their_initial_values_where_items_of_others_lack_them) {
    run(direct.put_item(
        dynamodb::put_item_request(prefix + "purses", {{"id", "x"}, {"coins", dynamodb::null_value()}})));
    auto const purse = run(purses.get("x"));
    EXPECT_EQ(purse.coins(), 0);
    EXPECT_EQ(purse.owner(), "");
    run(direct.put_item(dynamodb::put_item_request(prefix + "purses", {{"id", "y"}, {"coins", "many"}})));
    EXPECT_EQ(failure_of(purses.get("y")).code, errc::attribute_type_mismatch);
}

} // namespace
} // namespace dynasio
