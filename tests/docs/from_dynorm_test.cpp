// The code of docs/from_dynorm.md, run against a server. Parts between `//[name` and `//]` appear there word for word.

#include <dynasio/orm/json.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "docs/database.hpp"

namespace from_dynorm {

//[model
struct Entity { // dynorm.Entity
    std::string id{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Entity>) {
    using namespace dynasio::dsl;
    return embeddable<Entity>(partition_key<&Entity::id>, timestamps<&Entity::created_at, &Entity::updated_at>);
}

struct User {
    Entity base{};
    std::string email{}, username{}, firstName{}, lastName{}, avatar{}, passwordHash{};
    dynasio::timestamp lastLoginAt{};
    std::string status{}, role{};
    bool verified{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(embed<&User::base>, soft_delete<embedded<&User::base, &Entity::deleted_at>>,
                        version<&User::version>, gsi<&User::email, no_sort_key>{"ByEmail"},
                        gsi<&User::username, no_sort_key>{"ByUsername"});
}

struct Article {
    Entity base{};
    std::string title{}, content{}, authorID{};
    bool published{};
    std::vector<std::string> tags{};
};
constexpr auto dynasio_schema(dynasio::tag<Article>) {
    using namespace dynasio::dsl;
    return entity<Article>(embed<&Article::base>, soft_delete<embedded<&Article::base, &Entity::deleted_at>>,
                           gsi<&Article::authorID, embedded<&Article::base, &Entity::created_at>>{"ByAuthor"});
}
//]

//[types
struct Product {
    Entity base{};
    std::string name{};
    double price{};
    std::vector<std::string> tags{};                 // a list
    std::map<std::string, std::string> attributes{}; // a map
    bool inStock{};
    int quantity{};
    dynasio::timestamp launchDate{}; // text of RFC 3339, in UTC with milliseconds
};
constexpr auto dynasio_schema(dynasio::tag<Product>) {
    using namespace dynasio::dsl;
    return entity<Product>(embed<&Product::base>);
}
//]

namespace {

namespace asio = boost::asio;
using namespace dynasio::dsl;

//[new
asio::awaitable<void> make(dynasio::client db) {
    repository<tracked<User>> users{db};
    tracked<User> user;
    user->email = "test@example.com";
    std::cout << user.is_new() << ' ' << user->base.created_at.is_set() << '\n'; // 1 0

    co_await users.save(user);
    std::cout << user.is_new() << ' ' << user->base.id.size() << '\n'; // 0 26
    std::cout << user->base.created_at.to_string() << '\n';            // the time within the id

    auto const created = user->base.created_at;
    user->status = "verified";
    co_await users.save(user); // updated_at is set, created_at is kept
    std::cout << (user->base.created_at == created) << ' ' << (user->base.updated_at >= created) << '\n'; // 1 1
}
//]

//[dirty
asio::awaitable<void> change(dynasio::client db, std::string id) {
    repository<tracked<User>> users{db};
    auto user = co_await users.get(id);
    user->email = "new@example.com";

    std::cout << user.is_loaded() << user.is_dirty<&User::email>() << user.is_dirty<&User::firstName>()
              << user.has_changes() << '\n';                                 // 1101
    for (auto const& name : user.dirty_members()) std::cout << name << '\n'; // email
    std::cout << user.changes().front() << '\n'; // email: {"S":"old@example.com"} -> {"S":"new@example.com"}
    std::cout << user.original<&User::email>().value() << '\n'; // old@example.com
    co_await users.save(user);                                  // email, updated_at and version are written
}
//]

//[trash
asio::awaitable<void> throw_away(dynasio::client db, Article article) {
    repository<Article> articles{db};
    trash(article);
    co_await articles.save(article); // or, in one request that writes nothing else: articles.trash(article)

    auto found = co_await articles.get(article.base.id);
    std::cout << is_trashed(found) << '\n'; // 1

    auto const published =
        articles.where(field<&Article::authorID> == article.authorID, field<&Article::published> == true);
    std::cout << co_await published.count() << ' ' << co_await published.with_trashed().count() << '\n'; // 0 1

    restore(found);
    co_await articles.save(found);
    std::cout << is_trashed(found) << ' ' << co_await published.count() << '\n'; // 0 1
    co_await articles.remove(found);                                             // for good
}
//]

class docs_from_dynorm : public guide::docs_database<User, Article, Product> {};

TEST_F(docs_from_dynorm, a_new_entity_gets_key_and_times) {
    auto const printed = printed_by(make(db_));
    EXPECT_EQ(printed.substr(0, 9), "1 0\n0 26\n");
    EXPECT_EQ(printed.substr(printed.size() - 4), "1 1\n");
    repository<User> const users(db_);
    auto const stored = run(users.where(field<&User::email> == "test@example.com").only());
    EXPECT_EQ(stored.base.created_at.to_string() + "\n1 1\n", printed.substr(9));
    EXPECT_EQ(dynasio::ulid_time(stored.base.id), stored.base.created_at.time());
}
TEST_F(docs_from_dynorm, changes_are_tracked) {
    User user;
    user.email = "old@example.com";
    user = saved(user);
    EXPECT_EQ(printed_by(change(db_, user.base.id)),
              "1101\nemail\nemail: {\"S\":\"old@example.com\"} -> {\"S\":\"new@example.com\"}\nold@example.com\n");
    EXPECT_EQ(run(repository<User>(db_).get(user.base.id)).version, 2U);
}
TEST_F(docs_from_dynorm, entities_are_put_aside_and_taken_back) {
    Article article;
    article.authorID = "a1";
    article.published = true;
    article = saved(article);
    EXPECT_EQ(printed_by(throw_away(db_, article)), "1\n0 1\n0 1\n");
    EXPECT_FALSE(run(repository<Article>(db_).find(article.base.id)));
}
TEST_F(docs_from_dynorm, names_and_types_are_those_of_the_original) {
    Product product;
    product.base.id = "p";
    product.name = "Tea";
    product.price = 2.5;
    product.tags = {"green"};
    product.attributes = {{"origin", "Assam"}};
    product.inStock = true;
    product.quantity = 7;
    product.launchDate = timestamp::parse("2026-11-28T07:00:00.000Z").value();
    product = saved(product);
    auto const answer = run(db_.get_item(
        dynasio::dynamodb::get_item_request(options_.table_prefix + "products", dynasio::dynamodb::item{{"id", "p"}})));
    auto const& item = answer.item.value();
    EXPECT_EQ(item.at("tags").type(), dynasio::dynamodb::attribute_type::list);
    EXPECT_EQ(item.at("attributes").type(), dynasio::dynamodb::attribute_type::map);
    EXPECT_EQ(item.at("launch_date"), "2026-11-28T07:00:00.000Z");
    EXPECT_EQ(item.at("in_stock"), true);
    auto const json = dynasio::to_json(product);
    for (std::string const name : {"\"id\"", "\"created_at\"", "\"updated_at\"", "\"in_stock\"", "\"launch_date\""})
        EXPECT_NE(json.find(name), std::string::npos) << name;
    EXPECT_EQ(json.find("deleted_at"), std::string::npos);
}

} // namespace
} // namespace from_dynorm
