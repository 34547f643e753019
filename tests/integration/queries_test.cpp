#include <dynasio/dynamodb/attribute_value.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// What queries can ask beyond all(), first(), count() and page(), against a real server.
namespace library {

using namespace dynasio::dsl;

struct Book {
    std::string shelf{};
    std::string id{};
    std::string title{};
    std::int64_t pages{};
    std::vector<std::string> tags{};
    std::set<std::string> languages{};
    std::map<std::string, std::string> publisher{};
    std::optional<std::string> note{};
    dynasio::dynamodb::attribute_value extra{};
};
constexpr auto dynasio_schema(dynasio::tag<Book>) {
    return entity<Book>(table{"books"}, partition_key<&Book::shelf>, sort_key<&Book::id>,
                        lsi<&Book::pages>{"by_pages"});
}

} // namespace library

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using library::Book;

Book book(std::size_t i) {
    Book b;
    b.shelf = "a";
    b.id = test::numbered("b", i);
    b.title = std::string(i, 'x');
    b.pages = static_cast<std::int64_t>(i % 3);
    b.tags.assign(i % 4, "t" + std::to_string(i));
    if (i % 2 == 0) b.languages = {"de", "en"};
    b.publisher = {{"city", i % 2 == 0 ? "Bonn" : "Oslo"}};
    return b;
}

class queries : public test::database_test {
protected:
    void SetUp() override {
        create_tables<Book>();
        std::vector<Book> all;
        for (std::size_t i = 0; i < count; ++i) all.push_back(book(i));
        all[3].extra = dynamodb::attribute_value(dynamodb::list{dynamodb::attribute_value("x")});
        save_all(all);
    }
    static std::string ids(std::vector<Book> const& books) {
        std::string out;
        for (auto const& b : books) out += (out.empty() ? "" : " ") + std::to_string(std::stoi(b.id.substr(1)));
        return out;
    }
    std::string found_by(where_clause<Book> const& clause) { return ids(run(on_shelf.where(clause).all())); }

    static constexpr std::size_t count = 8;
    repository<Book> books{db};
    query<Book> const on_shelf = books.where(field<&Book::shelf> == "a");
};

TEST_F(queries, look_at_sizes_types_and_elements) {
    EXPECT_EQ(found_by(field<&Book::title>.size() > 5), "6 7");
    EXPECT_EQ(found_by(field<&Book::tags>.size().between(2, 3)), "2 3 6 7");
    EXPECT_EQ(found_by(field<&Book::languages>.size() == 2), "0 2 4 6") << "an empty set is no attribute";
    EXPECT_EQ(found_by(field<&Book::publisher>.at("city") == "Bonn"), "0 2 4 6");
    EXPECT_EQ(found_by(field<&Book::tags>.at(1) == "t6"), "6");
    EXPECT_EQ(found_by(field<&Book::tags>.at(0).not_exists()), "0 4");
    EXPECT_EQ(found_by(field<&Book::extra>.has_type(dynamodb::attribute_type::list)), "3");
    EXPECT_EQ(found_by(field<&Book::extra>.at(0).begins_with("x")), "3");
    EXPECT_EQ(found_by(field<&Book::id>.size() == 5), "0 1 2 3 4 5 6 7") << "a key's size is looked at here";
    EXPECT_EQ(ids(run(books.scan(field<&Book::shelf>.size() == 1 && field<&Book::title>.size() == 3).all())), "3");
}

TEST_F(queries, guard_writes_by_size) {
    auto b = run(books.get(key("a", test::numbered("b", 2))));
    b.note = "many";
    EXPECT_EQ(failure_of(books.save(b, only_if(field<&Book::tags>.size() > 2))).code, errc::condition_failed);
    run(books.save(b, only_if(field<&Book::publisher>.at("city") == "Bonn")));
}

TEST_F(queries, give_the_last) {
    EXPECT_EQ(run(on_shelf.last())->id, book(7).id);
    EXPECT_EQ(run(on_shelf.order(newest_first).last())->id, book(0).id);
    EXPECT_EQ(run(on_shelf.where(field<&Book::id> < book(5).id).last())->id, book(4).id);
    for (auto const& order : {ascending<&Book::title>, member_order<&Book::title>(true)}) {
        auto const sorted = on_shelf.order(order).client_side();
        EXPECT_EQ(run(sorted.last())->id, run(sorted.all()).back().id);
    }
    EXPECT_EQ(run(on_shelf.order(descending<&Book::pages>).last())->pages, 0);
    EXPECT_FALSE(run(books.where(field<&Book::shelf> == "no such shelf").last()));
}

TEST_F(queries, give_the_only_one) {
    EXPECT_EQ(run(on_shelf.where(field<&Book::title> == "xxx").only()).id, book(3).id);
    EXPECT_EQ(failure_of(on_shelf.where(field<&Book::title> == "y").only()).code, errc::not_found);
    EXPECT_EQ(failure_of(on_shelf.only()).code, errc::more_than_one);
}

TEST_F(queries, tell_whether_there_is_one) {
    EXPECT_TRUE(run(on_shelf.exists()));
    EXPECT_TRUE(run(on_shelf.where(field<&Book::title> == "xxx").exists()));
    EXPECT_FALSE(run(on_shelf.where(field<&Book::title> == "y").exists()));
    EXPECT_TRUE(run(on_shelf.where(field<&Book::id> != book(0).id).exists())) << "evaluated here";
    EXPECT_FALSE(run(books.where(field<&Book::shelf> == "no such shelf").exists()));
    EXPECT_EQ(run(on_shelf.limit(3).count()), 3u);
}

TEST_F(queries, are_read_page_after_page) {
    auto const wanted = on_shelf.where(field<&Book::title>.size() > 0);
    std::vector<Book> read;
    auto pages = wanted.pages(3);
    for (;;) {
        auto const page = run(pages.next());
        if (!page) break;
        EXPECT_LE(page->items.size(), 3u);
        read.insert(read.end(), page->items.begin(), page->items.end());
    }
    EXPECT_EQ(ids(read), "1 2 3 4 5 6 7");
    std::vector<Book> visited;
    run(wanted.for_each_page(2,
                             [&](std::vector<Book> page) { visited.insert(visited.end(), page.begin(), page.end()); }));
    EXPECT_EQ(ids(visited), ids(read));
}

} // namespace
} // namespace dynasio
