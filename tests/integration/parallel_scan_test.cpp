#include <dynasio/orm/load_report.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Scans in segments against a real server: every entity once, in every way of reading.
namespace census {

using namespace dynasio::dsl;

struct House {
    std::string id{};
    std::string street_id{};
    int people{};
    std::string text{};
    dynasio::timestamp deleted_at{};

    dynasio::belongs_to<House> street{};
};
constexpr auto dynasio_schema(dynasio::tag<House>) {
    return entity<House>(table{"houses"}, partition_key<&House::id>, soft_delete<&House::deleted_at>,
                         relate<&House::street>(by<&House::street_id>));
}

} // namespace census

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using census::House;

class parallel_scan_test : public test::database_test {
protected:
    static constexpr int count = 60;
    repository<House> houses{db};

    /// 60 houses, of which every sixth is trashed; all are in the street "h0000".
    void SetUp() override {
        create_tables<House>();
        std::vector<House> all(count);
        for (int i = 0; i < count; ++i) {
            auto& h = all[static_cast<std::size_t>(i)];
            h.id = test::numbered("h", static_cast<std::size_t>(i));
            h.street_id = "h0001";
            h.people = i;
            if (i % 6 == 0) trash(h);
        }
        save_all(all);
    }
    static std::set<std::string> names(std::vector<House> const& all) {
        std::set<std::string> found;
        for (auto const& h : all) EXPECT_TRUE(found.insert(h.id).second) << h.id << " came twice";
        return found;
    }
};

TEST_F(parallel_scan_test, reads_every_entity_once) {
    for (std::size_t const segments : {1U, 3U, 16U, 100U}) {
        load_report report;
        auto const all = run(houses.scan(report_to(report)).parallel(segments).all());
        EXPECT_EQ(names(all).size(), 50U);
        EXPECT_EQ(report.queries, segments) << "one small page for each segment";
        EXPECT_LE(report.max_in_flight, segments);
        EXPECT_TRUE(segments == 1 || report.max_in_flight > 1);
        EXPECT_EQ(run(houses.scan().parallel(segments).count()), 50U);
        EXPECT_EQ(run(houses.scan().parallel(segments).with_trashed().count()), 60U);
    }
    auto const some = run(houses.scan(field<&House::people> < 10).parallel(4).all());
    EXPECT_EQ(names(some).size(), 8U);
}

TEST_F(parallel_scan_test, loads_relations_once_for_all_segments) {
    load_report report;
    auto const all = run(houses.scan(report_to(report), with<&House::street>()).parallel(4).all());
    ASSERT_EQ(names(all).size(), 50U);
    for (auto const& h : all) EXPECT_EQ(h.street->id, "h0001");
    EXPECT_EQ(report.keys, 1U);
}

TEST_F(parallel_scan_test, gives_pages_of_all_segments_and_has_an_end) {
    auto pages = houses.scan().parallel(4).pages(3);
    std::vector<House> all;
    std::size_t biggest = 0;
    for (;;) {
        auto page = run(pages.next());
        if (!page) break;
        EXPECT_TRUE(page->next.empty());
        biggest = std::max(biggest, page->items.size());
        std::move(page->items.begin(), page->items.end(), std::back_inserter(all));
    }
    EXPECT_EQ(names(all).size(), 50U);
    EXPECT_EQ(biggest, 3U);
    EXPECT_FALSE(run(pages.next())) << "the end stays the end";

    std::vector<House> visited;
    run(houses.scan(concurrency(2)).parallel(5).for_each_page(4, [&](std::vector<House>&& some) {
        visited.insert(visited.end(), some.begin(), some.end());
    }));
    EXPECT_EQ(names(visited).size(), 50U);
}

TEST_F(parallel_scan_test, folds_entities_in_constant_memory) {
    int const in_segments = run(houses.scan().parallel(4).fold(0, [&](int sum, House&& h) { return sum + h.people; }));
    int const in_one = run(houses.scan().fold(0, [&](int sum, House&& h) { return sum + h.people; }));
    EXPECT_EQ(in_segments, in_one);
    EXPECT_EQ(in_one, 60 * 59 / 2 - (0 + 6 + 12 + 18 + 24 + 30 + 36 + 42 + 48 + 54));
}

TEST_F(parallel_scan_test, a_failed_page_is_asked_for_again) {
    auto pages = houses.scan(call_options().attempts(1)).parallel(3).pages(5);
    std::vector<House> all;
    auto const take = [&](std::optional<page<House>>& page) {
        std::move(page->items.begin(), page->items.end(), std::back_inserter(all));
    };
    auto first = run(pages.next());
    ASSERT_TRUE(first);
    take(first);
    endpoint.on(testing::match("Scan")).times(2).answer_error(400, "ValidationException", "no");
    int failures = 0;
    for (;;) {
        auto outcome = run(as_result(pages.next()));
        if (!outcome) {
            ++failures;
            continue;
        }
        if (!*outcome) break;
        take(*outcome);
    }
    EXPECT_EQ(failures, 2);
    EXPECT_EQ(names(all).size(), 50U);
}

TEST_F(parallel_scan_test, a_failure_of_one_segment_ends_all) {
    endpoint.on(testing::match("Scan")).times(1).answer_error(400, "ValidationException", "no");
    auto const failed = failure_of(houses.scan().parallel(8).all());
    EXPECT_EQ(failed.code, service_errc::validation);
    EXPECT_TRUE(failed.info->cursor.empty()) << "a place in one segment is none in the scan";
    EXPECT_TRUE(is_quiet(db));
}

TEST_F(parallel_scan_test, what_needs_one_place_or_one_order_is_refused_before_anything_is_sent) {
    auto const scan = houses.scan().parallel(4);
    auto const before = endpoint.requests().size();
    for (auto const& refused :
         {failure_of(scan.limit(3).all()), failure_of(scan.first()), failure_of(scan.only()), failure_of(scan.exists()),
          failure_of(scan.page(3)), failure_of(scan.order(ascending<&House::people>).all()),
          failure_of(scan.pages(3, cursor("x")).next()), failure_of(houses.scan().parallel(0).all()),
          failure_of(houses.scan().parallel(1'000'001).count()), failure_of(houses.scan().parallel(0).pages(3).next()),
          failure_of(houses.where(field<&House::id> == "h0001").parallel(2).all())})
        EXPECT_EQ(refused.code, errc::invalid_argument) << refused.info->message;
    EXPECT_EQ(failure_of(scan.last()).code, errc::no_usable_index);
    EXPECT_EQ(endpoint.requests().size(), before);
    EXPECT_NE(scan.explain().find("in 4 segments at the same time"), std::string::npos) << scan.explain();
}

} // namespace
} // namespace dynasio
