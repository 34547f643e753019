// The example programs, run against a real server.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <unistd.h>

#include "../../examples/load/histogram.hpp"
#include "child_process.hpp"

namespace {

using dynasio::test::child_process;

std::string const programs = DYNASIO_EXAMPLE_PROGRAMS;

class example_programs : public testing::Test {
protected:
    void SetUp() override {
        // Skipping would look like passing.
        ASSERT_NE(std::getenv("DYNAMODB_ENDPOINT"), nullptr) << "scripts/test starts a server and sets it";
    }
};

std::string read(std::string const& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Ids become "<id>". How keys of two relations share a batch depends on which answer came first: either is right.
std::string normalised(std::string const& output) {
    auto text = std::regex_replace(output, std::regex("[0-9A-HJKMNP-TV-Z]{26}"), "<id>");
    return std::regex_replace(text, std::regex("BatchGetItem [12]( GetItem 1 Query [13]; items: [89])"),
                              "BatchGetItem 1-2$1");
}

TEST_F(example_programs, minimal_prints_the_posts_newest_first) {
    child_process minimal(programs + "/example_minimal", {});
    EXPECT_EQ(minimal.exit_code(), 0);
    EXPECT_EQ(minimal.text(), "Ann wrote 3 posts\n  Letter 3\n  Letter 2\n  Letter 1\n");
}

TEST_F(example_programs, shop_prints_what_is_expected_each_time_it_runs) {
    auto const expected = read(DYNASIO_EXAMPLE_TESTS "/shop_expected.txt");
    ASSERT_FALSE(expected.empty());
    for (int run = 0; run < 2; ++run) {
        child_process shop(programs + "/example_shop", {});
        EXPECT_EQ(shop.exit_code(), 0);
        EXPECT_EQ(normalised(shop.text()), expected);
    }
}

TEST_F(example_programs, encryption_is_not_noticed_and_refuses_copies) {
    child_process encryption(programs + "/example_encryption", {});
    EXPECT_EQ(encryption.exit_code(), 0) << encryption.text();
    EXPECT_EQ(encryption.text(),
              "stored as bytes: 1\nread: a broken heart\nkey of the diagnosis: 2027\nthe copy is refused: 1\n");
}

TEST_F(example_programs, accounts_lose_nothing_and_the_auditor_sees_all) {
    child_process accounts(programs + "/example_accounts", {});
    EXPECT_EQ(accounts.exit_code(), 0) << accounts.text();
    auto const text = std::regex_replace(accounts.text(), std::regex("changes: [0-9]+"), "changes: <n>");
    EXPECT_EQ(text, read(DYNASIO_EXAMPLE_TESTS "/accounts_expected.txt"));
}

TEST_F(example_programs, blog_loads_the_same_graph_in_fewer_requests_than_one_by_one) {
    auto const drawing = ::testing::TempDir() + "blog_timeline_" + std::to_string(::getpid()) + ".svg";
    child_process blog(programs + "/example_blog", {"--users", "12", "--latency", "1", "--timeline", drawing});
    EXPECT_EQ(blog.exit_code(), 0) << blog.text();
    auto const svg = read(drawing);
    std::remove(drawing.c_str());
    EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n")) << svg;
    std::smatch found;
    auto const text = blog.text();
    // The plan with estimates comes first, then what was taken beside them: requests and items that a query finds are
    // as the data are.
    EXPECT_LT(text.find("together [estimated "), text.find("What it brought")) << text;
    ASSERT_TRUE(std::regex_search(
        text, found, std::regex("\nUser +Query [^ ]*users index by_status +(\\d+) +(\\d+) +(\\d+) +(\\d+) ")))
        << text;
    EXPECT_EQ(found[1], found[2]) << "requests";
    EXPECT_EQ(found[3], found[4]) << "users";
    EXPECT_NE(text.find("drawn in " + drawing), std::string::npos) << text;
    EXPECT_NE(text.find("User.profile for the 3rd time,"), std::string::npos) << text;
    ASSERT_TRUE(std::regex_search(text, found, std::regex("with<…>\\s+(\\d+)\\s+(\\d+)[^]*as needed\\s+(\\d+)\\s+1 ")))
        << text;
    EXPECT_LT(std::stoul(found[1]), std::stoul(found[3]));
    EXPECT_GT(std::stoul(found[2]), 1u);
    EXPECT_NE(text.find("1 ms added to each request"), std::string::npos);
    EXPECT_NE(text.find("the graphs are equal"), std::string::npos);
    EXPECT_NE(text.find("the item was changed by somebody else"), std::string::npos);
    EXPECT_NE(text.find("an item with this key exists"), std::string::npos);
    EXPECT_NE(text.find("the relation is not loaded"), std::string::npos);
}

TEST_F(example_programs, blog_drops_its_tables_when_it_is_interrupted) {
    child_process blog(programs + "/example_blog", {"--users", "1000", "--latency", "50"});
    blog.wait_for("Saving");
    blog.send(SIGINT);
    EXPECT_EQ(blog.exit_code(), 1);
    EXPECT_TRUE(blog.text().ends_with("Dropping the tables\n   done\n")) << blog.text();
    EXPECT_EQ(blog.text().find("What it brought"), std::string::npos);
}

TEST_F(example_programs, load_accounts_for_every_request) {
    child_process load(programs + "/example_load", {"--seconds", "1", "--rate", "300", "--threads", "2"});
    EXPECT_EQ(load.exit_code(), 0) << load.text();
    std::smatch found;
    auto const text = load.text();
    ASSERT_TRUE(
        std::regex_search(text, found, std::regex("sent (\\d+), answered (\\d+), errors (\\d+), not sent (\\d+)")))
        << text;
    EXPECT_EQ(std::stoul(found[1]) + std::stoul(found[4]), 300u);
    EXPECT_EQ(std::stoul(found[2]) + std::stoul(found[3]), std::stoul(found[1]));
    EXPECT_GT(std::stoul(found[2]), 0u);
    EXPECT_NE(text.find("   1 s"), std::string::npos);
    EXPECT_NE(text.find("99.90 %"), std::string::npos);
}

TEST_F(example_programs, load_stops_when_it_is_interrupted) {
    child_process load(programs + "/example_load", {"--seconds", "3600", "--rate", "100"});
    load.wait_for("   1 s");
    load.send(SIGTERM);
    EXPECT_EQ(load.exit_code(), 0) << load.text();
    EXPECT_NE(load.text().find("errors 0, not sent 35"), std::string::npos) << load.text();
}

TEST_F(example_programs, an_endpoint_where_nothing_listens_is_an_error_that_names_it) {
    for (auto const* const name : {"minimal", "shop", "accounts", "blog", "server", "load"}) {
        child_process program(programs + "/example_" + name, {}, {{"DYNAMODB_ENDPOINT", "http://127.0.0.1:1"}});
        EXPECT_EQ(program.exit_code(), 1) << name;
        EXPECT_NE(program.text().find("error: "), std::string::npos) << name << ": " << program.text();
    }
}

TEST_F(example_programs, arguments_that_are_not_understood_are_refused_with_the_usage) {
    for (auto const* const name : {"blog", "server", "load"})
        for (auto const& arguments :
             {std::vector<std::string>{"--nonsense"}, {"--users"}, {"--port", "99999"}, {"--rate", "0"}}) {
            child_process program(programs + "/example_" + name, arguments);
            EXPECT_EQ(program.exit_code(), 2) << name;
            EXPECT_NE(program.text().find("usage: "), std::string::npos) << name;
        }
}

TEST(example_histogram, percentiles_are_at_most_a_sixteenth_too_high) {
    for (std::uint64_t const scale : {std::uint64_t{1}, std::uint64_t{37}, std::uint64_t{100'000}}) {
        histogram h;
        for (std::uint64_t i = 1; i <= 1000; ++i) h.add(i * scale);
        for (std::uint64_t const exact : {1u, 500u, 900u, 999u, 1000u}) {
            auto const read = h.percentile(static_cast<double>(exact) / 1000);
            EXPECT_GE(read, exact * scale);
            EXPECT_LE(static_cast<double>(read), static_cast<double>(exact * scale) * 1.0625);
        }
        EXPECT_EQ(h.total(), 1000u);
        EXPECT_EQ(h.max(), 1000 * scale);
    }
}

TEST(example_histogram, ranges_between_powers_of_two_are_exact_and_histograms_add_up) {
    histogram a, b;
    for (std::uint64_t i = 0; i < 100; ++i) a.add(i);
    b.add(1'000'000);
    a.add(b);
    EXPECT_EQ(a.between(0, 64), 64u);
    EXPECT_EQ(a.between(64, 128), 36u);
    EXPECT_EQ(a.total(), 101u);
    EXPECT_EQ(a.max(), 1'000'000u);
    EXPECT_EQ(histogram().percentile(0.99), 0u);
}

} // namespace
