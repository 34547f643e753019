// The code about graphs in docs/writing.md, run against a server. Parts between `//[name` and `//]` appear there word
// for word.

//[autosave
#include <dynasio/orm/autosave.hpp>
#include <dynasio/orm/repository.hpp>

struct InvoiceLine {
    std::string invoice_id{};
    int number{};
    std::string text{};
};
struct Invoice {
    std::string id{}, customer{};
    dynasio::has_many<InvoiceLine> lines{};
};
constexpr auto dynasio_schema(dynasio::tag<InvoiceLine>) {
    using namespace dynasio::dsl;
    return entity<InvoiceLine>(partition_key<&InvoiceLine::invoice_id>, sort_key<&InvoiceLine::number>);
}
constexpr auto dynasio_schema(dynasio::tag<Invoice>) {
    using namespace dynasio::dsl;
    return entity<Invoice>(partition_key<&Invoice::id>, relate<&Invoice::lines>(by<&InvoiceLine::invoice_id>),
                           autosave<&Invoice::lines>(replace_missing));
}
//]

#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "docs/database.hpp"
#include "docs/model.hpp"

namespace guide {
namespace {

namespace asio = boost::asio;

//[graph
asio::awaitable<void> publish(dynasio::client db, std::string id, Post written) {
    using namespace dynasio::dsl;
    repository<User> users(db);
    User ann = co_await users.get(id, with<&User::profile>(), with<&User::posts>(with<&Post::comments>()));
    ann.profile.edit().bio = "Writes.";
    ann.posts.edit().push_back(written); // gets its key and the foreign key
    std::erase_if(ann.posts.edit(), [](Post const& post) { return post.score < 0; });
    co_await users.save(ann, along<&User::profile>(),
                        along<&User::posts>(replace_missing, along<&Post::comments>(replace_missing)));
    std::cout << ann.posts.size() << " posts, the last one by " << ann.posts.back().author_id << '\n';
}
//]

//[autosaved
asio::awaitable<void> bill(dynasio::client db) {
    using namespace dynasio::dsl;
    repository<Invoice> invoices(db);
    Invoice invoice;
    invoice.lines.set({{.number = 1, .text = "tea"}, {.number = 2, .text = "milk"}});
    co_await invoices.create(invoice); // one transaction: the invoice and its lines
    invoice.lines.edit().pop_back();
    co_await invoices.save(invoice, without_autosave); // the invoice alone
    co_await invoices.save(invoice);                   // removes the second line
    std::cout << co_await repository<InvoiceLine>(db).scan().count() << '\n';
}
//]

class docs_graphs : public docs_database<User, Profile, Post, Comment, Role, InvoiceLine, Invoice> {};

TEST_F(docs_graphs, are_saved_with_what_has_changed) {
    saved(User{.id = "u1", .email = "ann@example.com"});
    saved(Profile{.id = "f1", .user_id = "u1"});
    saved(Post{.id = "p1", .author_id = "u1", .score = -1});
    saved(Comment{.id = "c1", .post_id = "p1"});
    EXPECT_EQ(printed_by(publish(db_, "u1", Post{.title = "New"})), "1 posts, the last one by u1\n");
    EXPECT_EQ(run(dynasio::repository<Comment>(db_).scan().count()), 0u);
}

TEST_F(docs_graphs, are_saved_along_as_the_schema_says) { EXPECT_EQ(printed_by(bill(db_)), "1\n"); }

} // namespace
} // namespace guide
