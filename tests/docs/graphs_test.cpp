// The code about graphs in docs/writing.md, run against a server. Parts between `//[name` and `//]` appear there word
// for word.

//[autosave
#include <dynasio/orm/autosave.hpp>
#include <dynasio/orm/repository.hpp>

struct ReceiptLine {
    std::string receipt_id{};
    int number{};
    std::string text{};
};
struct Receipt {
    std::string id{}, customer{};
    dynasio::has_many<ReceiptLine> lines{};
};
constexpr auto dynasio_schema(dynasio::tag<ReceiptLine>) {
    using namespace dynasio::dsl;
    return entity<ReceiptLine>(partition_key<&ReceiptLine::receipt_id>, sort_key<&ReceiptLine::number>);
}
constexpr auto dynasio_schema(dynasio::tag<Receipt>) {
    using namespace dynasio::dsl;
    return entity<Receipt>(partition_key<&Receipt::id>, relate<&Receipt::lines>(by<&ReceiptLine::receipt_id>),
                           autosave<&Receipt::lines>(replace_missing));
}
//]

//[on_remove
#include <dynasio/orm/on_remove.hpp>

struct Track {
    std::string id{}, album_id{};
};
struct Loan {
    std::string id{}, album_id{};
};
struct Album {
    std::string id{};
    dynasio::has_many<Track> tracks{};
    dynasio::has_many<Loan> loans{};
};
constexpr auto dynasio_schema(dynasio::tag<Track>) {
    using namespace dynasio::dsl;
    return entity<Track>(partition_key<&Track::id>, gsi<&Track::album_id>{"by_album"});
}
constexpr auto dynasio_schema(dynasio::tag<Loan>) {
    using namespace dynasio::dsl;
    return entity<Loan>(partition_key<&Loan::id>, gsi<&Loan::album_id>{"by_album"});
}
constexpr auto dynasio_schema(dynasio::tag<Album>) {
    using namespace dynasio::dsl;
    return entity<Album>(partition_key<&Album::id>, relate<&Album::tracks>(by<&Track::album_id>),
                         relate<&Album::loans>(by<&Loan::album_id>), on_remove<&Album::tracks>(cascade),
                         on_remove<&Album::loans>(restrict));
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
    repository<Receipt> receipts(db);
    Receipt receipt;
    receipt.lines.set({{.number = 1, .text = "tea"}, {.number = 2, .text = "milk"}});
    co_await receipts.create(receipt); // one transaction: the receipt and its lines
    receipt.lines.edit().pop_back();
    co_await receipts.save(receipt, without_autosave); // the receipt alone
    co_await receipts.save(receipt);                   // removes the second line
    std::cout << co_await repository<ReceiptLine>(db).scan().count() << '\n';
}
//]

//[removed
asio::awaitable<void> discard(dynasio::client db, Album album) {
    auto const done = co_await dynasio::as_result(dynasio::repository<Album>(db).remove(album)); // and its tracks
    if (done.has_error() && done.error().code == dynasio::errc::still_referenced)
        std::cout << "somebody has borrowed it\n";
}
//]

class docs_removals : public docs_database<Album, Track, Loan> {};
class docs_graphs : public docs_database<User, Profile, Post, Comment, Role, ReceiptLine, Receipt> {};

TEST_F(docs_graphs, are_saved_with_what_has_changed) {
    saved(User{.id = "u1", .email = "ann@example.com"});
    saved(Profile{.id = "f1", .user_id = "u1"});
    saved(Post{.id = "p1", .author_id = "u1", .score = -1});
    saved(Comment{.id = "c1", .post_id = "p1"});
    EXPECT_EQ(printed_by(publish(db_, "u1", Post{.title = "New"})), "1 posts, the last one by u1\n");
    EXPECT_EQ(run(dynasio::repository<Comment>(db_).scan().count()), 0u);
}

TEST_F(docs_graphs, are_saved_along_as_the_schema_says) { EXPECT_EQ(printed_by(bill(db_)), "1\n"); }

TEST_F(docs_removals, look_at_what_belongs_to_the_entity) {
    auto const album = saved(Album{.id = "a"});
    saved(Track{.id = "t", .album_id = "a"});
    auto const loan = saved(Loan{.id = "l", .album_id = "a"});
    EXPECT_EQ(printed_by(discard(db_, album)), "somebody has borrowed it\n");
    run(dynasio::repository<Loan>(db_).remove(loan));
    EXPECT_EQ(printed_by(discard(db_, album)), "");
    EXPECT_EQ(run(dynasio::repository<Track>(db_).scan().count()), 0u);
}

} // namespace
} // namespace guide
