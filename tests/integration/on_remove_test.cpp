#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/repeated_reads.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/trash.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// What the removal of an entity does about those that belong to it, against a real server.
namespace lending {

using namespace dynasio::dsl;

struct Book;
struct Page;
struct Plate;
struct Loan;

struct Shelf {
    std::string id{};
    std::uint64_t version{};
    has_many<Book> books{};
    has_many<Plate> plates{};
    has_many<Loan> loans{};
};
struct Book {
    std::string id{};
    std::string shelf_id{};
    dynasio::timestamp deleted_at{};
    std::uint64_t version{};
    has_many<Page> pages{};
};
/// Its foreign key is a part of its own key.
struct Page {
    std::string book_id{};
    int number{};
};
struct Plate {
    std::string id{};
    std::optional<std::string> shelf_id{};
    std::string text{};
    std::uint64_t version{};
};
struct Loan {
    std::string id{};
    std::string shelf_id{};
};
/// Chapters can go in a circle.
struct Chapter {
    std::string id{};
    std::string above{};
    has_many<Chapter> below{};
};
/// Goes with its wing, unless somebody has a key to it.
struct Case;
struct CaseKey;
struct Wing {
    std::string id{};
    std::string state{};
    has_many<Case> cases{};
};
struct Case {
    std::string id{};
    std::string wing_id{};
    has_many<CaseKey> keys{};
};
struct CaseKey {
    std::string case_id{};
    int number{};
};
/// Restricts its own removal where somebody else leads to it; may lead to itself.
struct Boss {
    std::string id{};
    std::optional<std::string> boss_id{};
    has_many<Boss> staff{};
};
/// The index of its things leaves out those without a rank.
struct Thing;
struct Crate {
    std::string id{};
    has_many<Thing> things{};
};
struct Thing {
    std::string id{};
    std::string crate_id{};
    std::optional<int> rank{};
};
/// Links that go with either side.
struct Reader;
struct Circle {
    std::string id{};
    belongs_to_many<Reader> readers{};
};
struct Reader {
    std::string id{};
    belongs_to_many<Circle> circles{};
};

inline std::vector<std::string> removed;

constexpr auto dynasio_schema(tag<Shelf>) {
    return entity<Shelf>(table{"shelves"}, partition_key<&Shelf::id>, version<&Shelf::version>,
                         relate<&Shelf::books>(by<&Book::shelf_id>), relate<&Shelf::plates>(by<&Plate::shelf_id>),
                         relate<&Shelf::loans>(by<&Loan::shelf_id>), on_remove<&Shelf::books>(cascade),
                         on_remove<&Shelf::plates>(clear), on_remove<&Shelf::loans>(restrict),
                         before_remove([](Shelf const& s) { removed.push_back("shelf " + s.id); }));
}
constexpr auto dynasio_schema(tag<Book>) {
    return entity<Book>(table{"books"}, partition_key<&Book::id>, gsi<&Book::shelf_id>{"by_shelf"},
                        version<&Book::version>, soft_delete<&Book::deleted_at>,
                        relate<&Book::pages>(by<&Page::book_id>), on_remove<&Book::pages>(cascade),
                        after_remove([](Book const& b) { removed.push_back("book " + b.id); }));
}
constexpr auto dynasio_schema(tag<Page>) {
    return entity<Page>(table{"pages"}, partition_key<&Page::book_id>, sort_key<&Page::number>);
}
constexpr auto dynasio_schema(tag<Plate>) {
    return entity<Plate>(table{"plates"}, partition_key<&Plate::id>, gsi<&Plate::shelf_id>{"by_shelf"},
                         version<&Plate::version>);
}
constexpr auto dynasio_schema(tag<Loan>) {
    return entity<Loan>(table{"loans"}, partition_key<&Loan::id>, gsi<&Loan::shelf_id>{"by_shelf"});
}
constexpr auto dynasio_schema(tag<Chapter>) {
    return entity<Chapter>(table{"chapters"}, partition_key<&Chapter::id>, gsi<&Chapter::above>{"by_above"},
                           relate<&Chapter::below>(by<&Chapter::above>), on_remove<&Chapter::below>(cascade),
                           before_remove([](Chapter const& c) { removed.push_back("before " + c.id); }),
                           after_remove([](Chapter const& c) { removed.push_back("after " + c.id); }));
}
constexpr auto dynasio_schema(tag<Wing>) {
    return entity<Wing>(table{"wings"}, partition_key<&Wing::id>, relate<&Wing::cases>(by<&Case::wing_id>),
                        on_remove<&Wing::cases>(cascade));
}
constexpr auto dynasio_schema(tag<Case>) {
    return entity<Case>(table{"cases"}, partition_key<&Case::id>, gsi<&Case::wing_id>{"by_wing"},
                        relate<&Case::keys>(by<&CaseKey::case_id>), on_remove<&Case::keys>(restrict));
}
constexpr auto dynasio_schema(tag<CaseKey>) {
    return entity<CaseKey>(table{"case_keys"}, partition_key<&CaseKey::case_id>, sort_key<&CaseKey::number>);
}
constexpr auto dynasio_schema(tag<Boss>) {
    return entity<Boss>(table{"bosses"}, partition_key<&Boss::id>, gsi<&Boss::boss_id>{"by_boss"},
                        relate<&Boss::staff>(by<&Boss::boss_id>), on_remove<&Boss::staff>(restrict));
}
constexpr auto dynasio_schema(tag<Crate>) {
    return entity<Crate>(table{"crates"}, partition_key<&Crate::id>, relate<&Crate::things>(by<&Thing::crate_id>),
                         on_remove<&Crate::things>(cascade));
}
constexpr auto dynasio_schema(tag<Thing>) {
    return entity<Thing>(table{"things"}, partition_key<&Thing::id>, gsi<&Thing::crate_id, &Thing::rank>{"by_crate"});
}
constexpr auto dynasio_schema(tag<Circle>) {
    return entity<Circle>(table{"circles"}, partition_key<&Circle::id>, relate<&Circle::readers>(),
                          on_remove<&Circle::readers>(clear));
}
constexpr auto dynasio_schema(tag<Reader>) {
    return entity<Reader>(table{"readers"}, partition_key<&Reader::id>,
                          relate<&Reader::circles>(inverse_of<&Circle::readers>), on_remove<&Reader::circles>(clear));
}
static_assert(dynasio::verify<Shelf, Book, Page, Plate, Loan, Chapter, Wing, Case, CaseKey, Boss, Crate, Thing, Circle,
                              Reader>());

} // namespace lending

namespace dynasio::library_tests {
namespace {

using lending::Book;
using lending::Boss;
using lending::Case;
using lending::CaseKey;
using lending::Chapter;
using lending::Circle;
using lending::Crate;
using lending::Loan;
using lending::Page;
using lending::Plate;
using lending::Reader;
using lending::Shelf;
using lending::Thing;
using lending::Wing;
using testing::match;

class removals : public test::database_test {
protected:
    removals() {
        create_tables<Shelf, Book, Page, Plate, Loan, Chapter, Wing, Case, CaseKey, Boss, Crate, Thing, Circle,
                      Reader>();
        shelf.id = "s";
        save(shelf);
        lending::removed.clear();
    }
    void store_books(std::size_t count) {
        std::vector<Book> books(count);
        for (std::size_t i = 0; i < count; ++i) {
            books[i].id = test::numbered("b", i);
            books[i].shelf_id = "s";
        }
        save_all(books);
    }
    template <class T> std::uint64_t number_of() { return run(repository<T>(direct).scan().count()); }

    repository<Shelf> shelves{db};
    Shelf shelf;
};

TEST_F(removals, cascade_over_all_pages_and_levels_and_end_with_the_owner) {
    store_books(130);
    std::vector<Page> pages;
    for (int i = 0; i < 30; ++i) pages.push_back(Page{.book_id = "b0007", .number = i});
    save_all(pages);
    Book other;
    other.id = "other";
    other.shelf_id = "t";
    save(other);
    Book trashed = run(repository<Book>(direct).get("b0003"));
    run(repository<Book>(direct).trash(trashed));

    EXPECT_TRUE(run(shelves.remove(shelf)));
    auto const last = endpoint.requests().back();
    EXPECT_FALSE(run(shelves.find("s")));
    EXPECT_EQ(number_of<Page>(), 0u);
    EXPECT_EQ(ids(run(repository<Book>(direct).scan(with_trashed).all())), "other");
    ASSERT_EQ(lending::removed.size(), 131u);
    EXPECT_EQ(lending::removed.front(), "shelf s") << "what a hook before it throws ends it while all is there";
    EXPECT_EQ(last.operation, "DeleteItem");
    EXPECT_EQ(last.tables.front(), prefix + "shelves");
}

TEST_F(removals, are_refused_while_there_is_one_that_restricts_them) {
    store_books(2);
    Loan loan;
    loan.shelf_id = "s";
    save(loan);
    auto const refused = failure_of(shelves.remove(shelf));
    EXPECT_EQ(refused.code, errc::still_referenced);
    EXPECT_EQ(refused.info->relation_path, "Shelf.loans");
    EXPECT_EQ(number_of<Book>(), 2u);
    EXPECT_TRUE(lending::removed.empty());
    run(repository<Loan>(direct).remove(loan));
    EXPECT_TRUE(run(shelves.remove(shelf)));
    EXPECT_EQ(number_of<Book>(), 0u);
}

TEST_F(removals, clear_the_foreign_key_and_nothing_else) {
    Plate plate;
    plate.id = "p";
    plate.shelf_id = "s";
    plate.text = "kept";
    save(plate);
    run(shelves.remove(shelf));
    Plate const after = run(repository<Plate>(direct).get("p"));
    EXPECT_EQ(after.shelf_id, std::nullopt);
    EXPECT_EQ(after.text, "kept");
    EXPECT_EQ(after.version, 2u);
}

TEST_F(removals, of_a_stale_entity_change_nothing) {
    store_books(1);
    Shelf stale = shelf;
    save(shelf);
    EXPECT_EQ(failure_of(shelves.remove(stale)).code, errc::stale_version);
    EXPECT_EQ(number_of<Book>(), 1u);
    EXPECT_TRUE(run(shelves.remove(shelf)));
    EXPECT_FALSE(run(shelves.remove(shelf))) << "it is gone";
}

TEST_F(removals, that_fail_in_the_middle_go_on_when_they_are_repeated) {
    store_books(5);
    endpoint.on(match("DeleteItem").table(prefix + "books")).nth(3).answer_error(400, "AccessDeniedException", "no");
    auto const failed = failure_of(shelves.remove(shelf));
    EXPECT_EQ(failed.code, service_errc::access_denied);
    EXPECT_TRUE(run(shelves.find("s"))) << "the owner is the last";
    auto const left = number_of<Book>();
    EXPECT_GT(left, 0u);
    EXPECT_LT(left, 5u);
    EXPECT_NE(failed.to_string().find(std::to_string(5 - left) + " entities that belong to the Shelf"),
              std::string::npos)
        << failed.to_string();
    endpoint.clear_rules();
    EXPECT_TRUE(run(shelves.remove(shelf)));
    EXPECT_EQ(number_of<Book>(), 0u);
}

TEST_F(removals, by_key_leave_the_rest_alone) {
    store_books(1);
    run(shelves.remove_key("s"));
    EXPECT_EQ(number_of<Book>(), 1u);
}

TEST_F(removals, of_what_goes_in_a_circle_end) {
    std::vector<Chapter> chapters{{.id = "a", .above = "c"}, {.id = "b", .above = "a"}, {.id = "c", .above = "b"}};
    save_all(chapters);
    auto first = track(chapters[0]);
    run(repository<tracked<Chapter>>(db).remove(first));
    EXPECT_TRUE(first.is_removed());
    EXPECT_EQ(number_of<Chapter>(), 0u);
    EXPECT_EQ(lending::removed,
              (std::vector<std::string>{"before a", "before c", "after c", "before b", "after b", "after a"}))
        << "each of them once, those below first";
}

TEST_F(removals, are_refused_by_what_restricts_them_further_down) {
    std::vector<Wing> wings{{.id = "w"}};
    std::vector<Case> cases{{.id = "c1", .wing_id = "w"}, {.id = "c2", .wing_id = "w"}};
    std::vector<CaseKey> keys{{.case_id = "c2", .number = 1}};
    run(repository<Wing>(direct).save_many(wings));
    run(repository<Case>(direct).save_many(cases));
    run(repository<CaseKey>(direct).save_many(keys));
    auto const refused = failure_of(repository<Wing>(db).remove(wings[0]));
    EXPECT_EQ(refused.code, errc::still_referenced);
    EXPECT_EQ(refused.info->relation_path, "Case.keys");
    EXPECT_EQ(number_of<Wing>(), 1u);
    EXPECT_EQ(number_of<Case>(), 2u) << "no child of the page was removed";
    run(repository<CaseKey>(direct).remove(keys[0]));
    EXPECT_TRUE(run(repository<Wing>(db).remove(wings[0])));
    EXPECT_EQ(number_of<Case>(), 0u);
}

TEST_F(removals, are_not_restricted_by_what_goes_with_them) {
    std::vector<Boss> bosses{{.id = "me", .boss_id = "me"}, {.id = "you", .boss_id = "me"}};
    run(repository<Boss>(direct).save_many(bosses));
    repository<Boss> const all(db);
    auto const refused = failure_of(all.remove(bosses[0]));
    EXPECT_EQ(refused.code, errc::still_referenced) << "by the other one";
    EXPECT_TRUE(run(all.remove(bosses[1])));
    EXPECT_TRUE(run(all.remove(bosses[0])));
    EXPECT_EQ(number_of<Boss>(), 0u);
}

TEST_F(removals, by_an_index_that_leaves_children_out_are_refused) {
    std::vector<Crate> crates{{.id = "c"}};
    std::vector<Thing> things{{.id = "t", .crate_id = "c"}};
    run(repository<Crate>(direct).save_many(crates));
    run(repository<Thing>(direct).save_many(things));
    auto const refused = failure_of(repository<Crate>(db).remove(crates[0]));
    EXPECT_EQ(refused.code, errc::no_usable_index);
    EXPECT_EQ(refused.info->relation_path, "Crate.things");
    EXPECT_EQ(endpoint.count(), 0u);
    EXPECT_EQ(number_of<Crate>(), 1u);
}

TEST_F(removals, are_no_repeated_reads_of_what_restricts_them) {
    std::vector<Boss> bosses{{.id = "a"}, {.id = "b"}, {.id = "c"}};
    run(repository<Boss>(direct).save_many(bosses));
    repository<Boss> const watched(dynasio::watch_repeated_reads(db, dynasio::repeated_reads(2).fail()));
    for (auto const& each : bosses) EXPECT_TRUE(run(watched.remove(each)));
}

TEST_F(removals, clear_the_links_of_either_side) {
    std::vector<Circle> circles{{.id = "c1"}, {.id = "c2"}};
    std::vector<Reader> readers{{.id = "r1"}, {.id = "r2"}};
    run(repository<Circle>(direct).save_many(circles));
    run(repository<Reader>(direct).save_many(readers));
    repository<Circle> const all(db);
    for (auto const& circle : circles)
        for (auto const& reader : readers) run(all.related<&Circle::readers>(circle).attach(reader));
    EXPECT_TRUE(run(all.remove(circles[0])));
    EXPECT_EQ(run(all.related<&Circle::readers>(circles[0]).count_links()), 0u);
    EXPECT_EQ(run(all.related<&Circle::readers>(circles[1]).count_links()), 2u);
    EXPECT_TRUE(run(repository<Reader>(db).remove(readers[0])));
    EXPECT_EQ(run(all.related<&Circle::readers>(circles[1]).count_links()), 1u);
    EXPECT_TRUE(run(repository<Reader>(direct).find("r2"))) << "who is linked stays";
}

TEST_F(removals, under_a_condition_that_does_not_hold_change_nothing) {
    std::vector<Wing> wings{{.id = "w", .state = "open"}};
    std::vector<Case> cases{{.id = "c1", .wing_id = "w"}};
    run(repository<Wing>(direct).save_many(wings));
    run(repository<Case>(direct).save_many(cases));
    auto const refused =
        failure_of(repository<Wing>(db).remove(wings[0], dynasio::only_if(dynasio::field<&Wing::state> == "closed")));
    EXPECT_EQ(refused.code, errc::condition_failed);
    EXPECT_EQ(number_of<Case>(), 1u);
    EXPECT_TRUE(run(repository<Wing>(db).remove(wings[0], dynasio::only_if(dynasio::field<&Wing::state> == "open"))));
    EXPECT_EQ(number_of<Case>(), 0u);
}

} // namespace
} // namespace dynasio::library_tests
