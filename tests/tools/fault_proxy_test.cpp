// dynasio-fault-proxy as a user meets it: started as a program, with a client of the library through it.
#include <dynasio/testing/fault_endpoint.hpp>
#include <dynasio/testing/fault_script.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>

#include <dynasio/core/result.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "examples/child_process.hpp"
#include "support/coroutine.hpp"

namespace dynasio {
namespace {

using test::child_process;
using arguments = std::vector<std::string>;

constexpr char const* program = DYNASIO_FAULT_PROXY;

client_options options_for(std::string url) {
    client_options o;
    o.region = "us-east-1";
    o.endpoint = std::move(url);
    o.credentials = aws::static_credentials(aws::credentials("AKIDEXAMPLE", "secret"));
    o.retry.base_delay = o.retry.throttling_delay = aws::retry_delay(0);
    o.pool.tls.use_system_authorities = false;
    return o;
}

/// A database that knows one item.
struct fault_proxy : ::testing::Test {
    fault_proxy() { database.on(testing::match()).answer_json(R"({"Item":{"id":{"S":"1"}}})"); }

    /// 'x' for each read that failed.
    std::string reads(client& db, std::size_t n, unsigned attempts = 1) {
        std::string outcomes;
        for (std::size_t i = 0; i < n; ++i) {
            dynamodb::get_item_request const request("users", dynamodb::item{{"id", "1"}});
            auto const r = test::run(ctx, as_result(db.get_item(request, call_options().attempts(attempts))));
            outcomes += r ? '.' : 'x';
        }
        return outcomes;
    }
    std::string file(std::string const& name, std::string const& contents) {
        auto const path =
            std::filesystem::temp_directory_path() / ("dynasio-fault-proxy-" + std::to_string(::getpid()) + "-" + name);
        std::ofstream(path) << contents;
        files.push_back(path);
        return path.string();
    }
    ~fault_proxy() override {
        std::error_code ignored;
        for (auto const& path : files) std::filesystem::remove(path, ignored);
    }

    testing::fault_endpoint database;
    boost::asio::io_context ctx;
    std::vector<std::filesystem::path> files;
};

TEST_F(fault_proxy, says_what_it_can_do) {
    child_process help(program, {"--help"});
    EXPECT_EQ(help.exit_code(), 0);
    EXPECT_TRUE(help.text().starts_with("dynasio-fault-proxy: stands between a DynamoDB client and a server"));
    for (auto const* option : {"--target", "--listen", "--allow-remote", "--fault", "--script", "--seed", "--latency",
                               "--tls", "--authority", "--duration", "--max-requests", "--version"})
        EXPECT_NE(help.text().find(option), std::string::npos) << option;
    EXPECT_NE(help.text().find(testing::fault_script_help()), std::string::npos);
    EXPECT_NE(help.text().find("--latency N"), std::string::npos);
    EXPECT_NE(help.text().find("A TIME has a unit: 500us, 20ms, 1.5s, 10min"), std::string::npos);

    child_process version(program, {"--version"});
    EXPECT_EQ(version.exit_code(), 0);
    EXPECT_TRUE(version.text().starts_with("dynasio-fault-proxy 0."));
}

TEST_F(fault_proxy, spoils_what_it_is_told_to_and_counts_it) {
    child_process proxy(program, {"--target", database.url(), "--fault", "error:times=2", "--fault",
                                  "crc:operation=GetItem,nth=2", "--max-requests", "7"});
    auto const url = proxy.line_after("");
    EXPECT_TRUE(url.starts_with("http://127.0.0.1:")) << url;
    client db(ctx, options_for(url));
    EXPECT_EQ(reads(db, 3, 4), "...");
    EXPECT_EQ(reads(db, 1), "."); // the seventh request
    EXPECT_EQ(proxy.exit_code(), 0);
    EXPECT_NE(proxy.text().find("target " + database.url() + ", seed 1, 2 faults\n"), std::string::npos);
    EXPECT_NE(proxy.text().find("7 requests on 1 connections\n"
                                "  2 x error:times=2\n"
                                "  1 x crc:operation=GetItem,nth=2\n"),
              std::string::npos)
        << proxy.text();
    EXPECT_EQ(database.count(), 5U) << "errors are made without the server behind";
}

TEST_F(fault_proxy, a_seed_decides_which_requests_are_hit) {
    auto const run = [&](std::string const& seed) {
        child_process proxy(program, {"--target=" + database.url(), "--seed=" + seed, "--max-requests=40",
                                      "--fault=throttle:rate=0.3"});
        client db(ctx, options_for(proxy.line_after("")));
        auto const outcomes = reads(db, 40);
        EXPECT_EQ(proxy.exit_code(), 0);
        EXPECT_NE(proxy.text().find("  " + std::to_string(std::ranges::count(outcomes, 'x')) + " x throttle:rate=0.3"),
                  std::string::npos)
            << proxy.text() << outcomes;
        return outcomes;
    };
    auto const first = run("5");
    EXPECT_EQ(run("5"), first);
    EXPECT_NE(run("6"), first);
}

TEST_F(fault_proxy, reads_scripts) {
    auto const script = file("script", "# the second one only\nhtml:nth=2\n\njson:body=\"{}\"\n");
    child_process proxy(program, {"--script", script, "--max-requests", "3"});
    client db(ctx, options_for(proxy.line_after("")));
    EXPECT_EQ(reads(db, 3), ".x.");
    EXPECT_EQ(proxy.exit_code(), 0);
    EXPECT_NE(proxy.text().find("target none, seed 1, 2 faults"), std::string::npos) << proxy.text();
}

TEST_F(fault_proxy, speaks_tls) {
    auto const authority = file("authority.pem", "");
    child_process proxy(program,
                        {"--target", database.url(), "--tls", "--authority", authority, "--fault", "expired:times=1"});
    auto const url = proxy.line_after("");
    EXPECT_TRUE(url.starts_with("https://127.0.0.1:"));
    auto o = options_for(url);
    o.pool.tls.authorities_file = authority;
    client db(ctx, std::move(o));
    EXPECT_EQ(reads(db, 3), "x..");
    proxy.send(SIGTERM);
    EXPECT_EQ(proxy.exit_code(), 0);
    EXPECT_NE(proxy.text().find("2 requests on 2 connections\n  1 x expired:times=1\n"), std::string::npos)
        << proxy.text();
}

TEST_F(fault_proxy, ends_by_itself_or_by_a_signal) {
    child_process timed(program, {"--duration", "0.05", "--target", database.url()});
    EXPECT_EQ(timed.exit_code(), 0);
    EXPECT_NE(timed.text().find("0 requests on 0 connections"), std::string::npos) << timed.text();
    for (int const signal : {SIGINT, SIGTERM}) {
        child_process proxy(program, {"--fault", "never"});
        static_cast<void>(proxy.line_after("target "));
        proxy.send(signal);
        EXPECT_EQ(proxy.exit_code(), 0);
        EXPECT_NE(proxy.text().find("0 x never"), std::string::npos) << proxy.text();
    }
}

TEST_F(fault_proxy, refuses_what_it_does_not_understand) {
    struct mistake {
        arguments given;
        std::string said;
    };
    auto const bad_script = file("bad", "html\nhtlm\n");
    std::filesystem::create_directory(bad_script + ".d");
    files.emplace_back(bad_script + ".d");
    mistake const mistakes[] = {
        {{"--tarhet", "x"}, "unknown option \"--tarhet\""},
        {{"surplus"}, "unknown option \"surplus\""},
        {{"--target"}, "--target needs a value"},
        {{"--target", ""}, "--target needs a URL"},
        {{"--target", "nonsense"}, "--target: The endpoint is no valid URL"},
        {{"--target", "https://127.0.0.1:8000"}, "must be http"},
        {{"--tls=yes"}, "--tls takes no value"},
        {{"--seed", "x"}, "--seed takes a number, not \"x\""},
        {{"--seed", "-1"}, "--seed takes a number, not \"-1\""},
        {{"--max-requests", "1.5"}, "--max-requests takes a number"},
        {{"--duration", "-1"}, "--duration takes seconds"},
        {{"--duration", "nan"}, "--duration takes seconds"},
        {{"--latency", "5ms"}, "--latency takes a number"},
        {{"--listen", "8000"}, "--listen takes HOST:PORT"},
        {{"--listen", "localhost:0"}, "--listen takes a numeric address, not \"localhost\""},
        {{"--listen", "127.0.0.1:99999"}, "the port of --listen takes a number"},
        {{"--listen", "0.0.0.0:0"}, "add --allow-remote to mean it"},
        {{"--listen", "[::]:0"}, "add --allow-remote to mean it"},
        {{"--authority", "x"}, "--authority needs --tls"},
        {{"--fault", "htlm"}, "--fault: there is no fault \"htlm\"; there are throttle,"},
        {{"--fault", "html:rate=2"}, "--fault: rate is a probability from 0 to 1"},
        {{"--fault", "expired"}, "--fault: a fault of certificates needs an endpoint with TLS"},
        {{"--script", bad_script}, bad_script + ": line 2: there is no fault \"htlm\""},
        {{"--script", "/nonexistent/script"}, "cannot read /nonexistent/script"},
        {{"--script", bad_script + ".d"}, "cannot read " + bad_script + ".d"},
        {{"--tls", "--authority", "/nonexistent/file"}, "cannot write /nonexistent/file"},
    };
    for (auto const& m : mistakes) {
        child_process proxy(program, m.given);
        EXPECT_EQ(proxy.exit_code(), 2) << proxy.text();
        EXPECT_TRUE(proxy.text().starts_with("dynasio-fault-proxy: ")) << proxy.text();
        EXPECT_NE(proxy.text().find(m.said), std::string::npos) << proxy.text();
        EXPECT_NE(proxy.text().find("--help"), std::string::npos) << proxy.text();
        EXPECT_EQ(std::ranges::count(proxy.text(), '\n'), 1) << proxy.text();
    }
}

TEST_F(fault_proxy, a_port_that_is_taken_is_no_mistake_of_the_command_line) {
    child_process proxy(program, {"--listen", "127.0.0.1:" + std::to_string(database.port())});
    EXPECT_EQ(proxy.exit_code(), 1);
    EXPECT_NE(proxy.text().find("cannot listen on 127.0.0.1 port"), std::string::npos) << proxy.text();
}

TEST_F(fault_proxy, other_addresses_are_listened_on_when_meant) {
    child_process proxy(program, {"--allow-remote", "--listen", "0.0.0.0:0", "--max-requests", "1", "--fault", "json"});
    auto const url = proxy.line_after("");
    ASSERT_TRUE(url.starts_with("http://0.0.0.0:")) << url;
    client db(ctx, options_for("http://127.0.0.1" + url.substr(url.rfind(':'))));
    EXPECT_EQ(reads(db, 1), ".");
    EXPECT_EQ(proxy.exit_code(), 0);
}

} // namespace
} // namespace dynasio
