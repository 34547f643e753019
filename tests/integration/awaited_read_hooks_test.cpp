#include <dynasio/orm/changes.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/transaction.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Hooks of after_read that are awaited, against a real server: called once for each entity on every read path.
namespace sealed {

using namespace dynasio::dsl;

struct Note;

/// How often the hook was called, by key.
inline std::map<std::string, int> opened{};
inline std::string failing{};
inline std::string failing_with_code{};

struct Book {
    std::string id{};
    std::string title{};
    int plain{};
    std::string text{}; // not stored: made by the hooks

    dynasio::has_many<Note> notes{};
    dynasio::belongs_to_many<Book> like{};
};
struct Note {
    std::string id{};
    std::string book_id{};
    std::string text{};

    dynasio::belongs_to<Book> book{};
};

/// Decrypts as a program would with a service: not at once.
template <class T> boost::asio::awaitable<void> open(T& entity) {
    auto posting = boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    co_await std::move(posting);
    if (entity.id == failing_with_code) dynasio::throw_error(dynasio::errc::invalid_argument, "no such key");
    if (entity.id == failing) throw std::runtime_error("no key for " + entity.id);
    ++opened[entity.id];
    entity.text += "open " + entity.id;
}

constexpr auto dynasio_schema(dynasio::tag<Book>) {
    return entity<Book>(table{"books"}, partition_key<&Book::id>, transient<&Book::text>,
                        after_read([](Book& b) { b.text = "first, "; }), after_read([](Book& b) { return open(b); }),
                        relate<&Book::notes>(by<&Note::book_id>), relate<&Book::like>());
}
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    return entity<Note>(table{"notes"}, partition_key<&Note::id>, streamed<>, gsi<&Note::book_id>{"by_book"},
                        transient<&Note::text>, after_read([](Note& n) { return open(n); }),
                        relate<&Note::book>(by<&Note::book_id>));
}

} // namespace sealed

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using sealed::Book;
using sealed::Note;

class awaited_read_hooks_test : public test::database_test {
protected:
    repository<Book> books{direct};
    repository<Note> notes{direct};

    void SetUp() override {
        sealed::failing.clear();
        create_tables<Book, Note>();
        for (std::string const id : {"a", "b", "c"}) {
            Book b;
            b.id = id;
            save(b);
            for (int i = 0; i < 2; ++i) {
                Note n;
                n.id = id + std::to_string(i);
                n.book_id = id;
                save(n);
            }
        }
        auto const a = run(books.get("a"));
        auto const b = run(books.get("b"));
        run(books.related<&Book::like>(a).attach(b));
        sealed::opened.clear();
    }
    /// "a1 b2": which entities were opened, and how often.
    static std::string take_opened() {
        std::string out;
        for (auto const& [id, times] : std::exchange(sealed::opened, {}))
            out += (out.empty() ? "" : " ") + id + "=" + std::to_string(times);
        return out;
    }
};

TEST_F(awaited_read_hooks_test, reads_by_key_call_them_in_their_order) {
    EXPECT_EQ(run(books.find("a"))->text, "first, open a");
    EXPECT_EQ(take_opened(), "a=1");
    EXPECT_FALSE(run(books.find("none")));
    EXPECT_EQ(run(books.get("a")).text, "first, open a");
    EXPECT_EQ(take_opened(), "a=1");
    std::vector<std::string> const keys{"a", "none", "b", "a"};
    auto const found = run(books.find_many(keys));
    EXPECT_EQ(found[0]->text, "first, open a");
    EXPECT_EQ(found[2]->text, "first, open b");
    EXPECT_EQ(found[3]->text, "first, open a");
    EXPECT_EQ(take_opened(), "a=1 b=1");
    auto const together = run(find_together(direct, key_of<Book>("a"), key_of<Note>("b1"), key_of<Note>("none")));
    EXPECT_EQ(std::get<0>(together)->text, "first, open a");
    EXPECT_EQ(std::get<1>(together)->text, "open b1");
    EXPECT_EQ(take_opened(), "a=1 b1=1");
    EXPECT_EQ(run(books.update("a", add<&Book::plain>(1))).text, "first, open a");
    EXPECT_EQ(take_opened(), "a=1");
}

TEST_F(awaited_read_hooks_test, queries_pages_and_streams_call_them) {
    EXPECT_EQ(run(notes.where(field<&Note::book_id> == "a").all())[1].text, "open a1");
    EXPECT_EQ(take_opened(), "a0=1 a1=1");
    EXPECT_EQ(run(notes.where(field<&Note::book_id> == "a").first())->text, "open a0");
    EXPECT_EQ(take_opened(), "a0=1");
    auto const page = run(books.scan().page(2));
    ASSERT_EQ(page.items.size(), 2U);
    EXPECT_EQ(page.items[0].text, "first, open " + page.items[0].id);
    std::string streamed;
    run(books.scan().for_each_page(1, [&](std::vector<Book>&& some) {
        for (auto const& b : some) streamed += b.text + ";";
    }));
    EXPECT_EQ(std::count(streamed.begin(), streamed.end(), ';'), 3);
    EXPECT_NE(streamed.find("first, open b;"), std::string::npos) << streamed;
    take_opened();
    EXPECT_EQ(run(books.scan().count()), 3U);
    EXPECT_TRUE(run(books.where(field<&Book::id> == "a").exists()));
    EXPECT_EQ(take_opened(), "") << "nobody gets what is counted";
    EXPECT_EQ(run(books.scan().parallel(3).all()).size(), 3U);
    EXPECT_EQ(take_opened(), "a=1 b=1 c=1");
}

TEST_F(awaited_read_hooks_test, relations_call_them_once_for_each_entity) {
    auto const book = run(books.get("a", with<&Book::notes>(with<&Note::book>()), with<&Book::like>()));
    EXPECT_EQ(book.notes[1].text, "open a1");
    EXPECT_EQ(book.notes[1].book->text, "first, open a");
    EXPECT_EQ(book.like[0].text, "first, open b");
    EXPECT_EQ(take_opened(), "a=2 a0=1 a1=1 b=1") << "the book and the one of its notes are two objects";

    auto loaded = run(books.get("b"));
    take_opened();
    run(books.load(loaded, with<&Book::notes>()));
    EXPECT_EQ(loaded.notes[0].text, "open b0");
    EXPECT_EQ(take_opened(), "b0=1 b1=1") << "what was there before is not read again";
    auto const all = run(notes.scan(with<&Note::book>()).all());
    EXPECT_EQ(all.size(), 6U);
    EXPECT_EQ(take_opened(), "a=1 a0=1 a1=1 b=1 b0=1 b1=1 c=1 c0=1 c1=1");
}

TEST_F(awaited_read_hooks_test, what_they_throw_lets_the_read_fail_and_changes_nothing) {
    auto loaded = run(books.get("a"));
    sealed::failing = "a1";
    EXPECT_THROW(run(books.load(loaded, with<&Book::notes>())), std::runtime_error);
    EXPECT_FALSE(loaded.notes.loaded());
    EXPECT_THROW(run(notes.find("a1")), std::runtime_error);
    EXPECT_THROW(run(notes.scan().all()), std::runtime_error);
    auto pages = notes.where(field<&Note::book_id> == "a").pages(1);
    EXPECT_EQ(run(pages.next())->items.size(), 1U);
    EXPECT_THROW(run(pages.next()), std::runtime_error);
    sealed::failing.clear();
    EXPECT_EQ(run(pages.next())->items.front().id, "a1") << "the same page again";
}

TEST_F(awaited_read_hooks_test, tracked_entities_are_clean_after_them) {
    repository<tracked<Book>> const tracked_books(direct);
    auto const found = run(tracked_books.find("a"));
    EXPECT_EQ((*found)->text, "first, open a");
    EXPECT_FALSE(found->has_changes());
}

TEST_F(awaited_read_hooks_test, images_of_changes_call_them) {
    auto changes = notes.changes(from_start, poll_every(std::chrono::milliseconds(1)));
    take_opened();
    auto const first = run(changes.next());
    ASSERT_TRUE(first && first->after);
    EXPECT_EQ(first->after->text, "open " + first->after->id);
    EXPECT_EQ(take_opened(), first->after->id + "=1");
}

TEST_F(awaited_read_hooks_test, a_change_whose_hook_fails_for_a_while_is_not_lost) {
    auto changes = notes.changes(from_start, poll_every(std::chrono::milliseconds(1)));
    std::vector<std::string> in_order;
    for (int i = 0; i < 6; ++i) in_order.push_back(run(changes.next())->after->id);

    auto again = notes.changes(from_start, poll_every(std::chrono::milliseconds(1)));
    run(again.next());
    sealed::failing = in_order[1];
    EXPECT_THROW(run(again.next()), std::runtime_error);
    EXPECT_THROW(run(again.next()), std::runtime_error);
    auto const while_failing = again.position();
    sealed::failing.clear();
    auto resumed = notes.changes(while_failing, poll_every(std::chrono::milliseconds(1)));
    EXPECT_EQ(run(resumed.next())->after->id, in_order[1]) << "it does not count as given";
    auto const second = run(again.next());
    EXPECT_EQ(second->after->id, in_order[1]);
    EXPECT_EQ(second->after->text, "open " + in_order[1]) << "the image is read anew";
    EXPECT_EQ(run(again.next())->after->id, in_order[2]);
}

TEST_F(awaited_read_hooks_test, errors_of_the_library_that_they_throw_name_entity_and_key) {
    sealed::failing_with_code = "a1";
    auto const failed = failure_of(notes.scan().all());
    sealed::failing_with_code.clear();
    EXPECT_EQ(failed.code, errc::invalid_argument);
    EXPECT_EQ(failed.info->entity, "Note");
    EXPECT_EQ(failed.info->key, R"({"id":{"S":"a1"}})");
}

} // namespace
} // namespace dynasio
