// The code about unique members in docs/writing.md, run against a server. Parts between `//[name` and `//]` appear
// there word for word.

//[unique
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/unique.hpp>

struct Subscriber {
    std::string id{}, email{}, tenant{}, name{};
};
constexpr auto dynasio_schema(dynasio::tag<Subscriber>) {
    using namespace dynasio::dsl;
    return entity<Subscriber>(partition_key<&Subscriber::id>, dynasio::unique<&Subscriber::email>,
                              dynasio::unique<&Subscriber::tenant, &Subscriber::name>);
}
//]

#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "docs/database.hpp"

namespace guide {
namespace {

namespace asio = boost::asio;
using namespace dynasio::dsl;

//[unique_use
asio::awaitable<void> subscribe(dynasio::client db, Subscriber ann) {
    repository<Subscriber> subscribers{db};
    auto const done = co_await dynasio::as_result(subscribers.create(ann));
    if (done.has_error() && done.error().code == dynasio::errc::not_unique)
        std::cout << done.error().info->attribute << " belongs to " << done.error().info->holder << '\n';
}

asio::awaitable<void> introduce(dynasio::client db) { // once, for entities that are older than the constraint
    auto const report = co_await guard_existing<Subscriber>(db);
    std::cout << report.guarded << " of " << report.entities << '\n';
    for (auto const& conflict : report.conflicts) std::cout << conflict.to_string() << '\n';
}
//]

class docs_unique : public docs_database<Subscriber> {};

TEST_F(docs_unique, members_have_one_owner) {
    EXPECT_EQ(printed_by(subscribe(db_, {"s1", "ann@example.com", "", ""})), "");
    EXPECT_EQ(printed_by(subscribe(db_, {"s2", "ann@example.com", "", ""})),
              "email belongs to {\"id\":{\"S\":\"s1\"}}\n");
    EXPECT_EQ(printed_by(introduce(db_)), "1 of 1\n");
}

} // namespace
} // namespace guide
