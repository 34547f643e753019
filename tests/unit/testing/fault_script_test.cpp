#include <dynasio/testing/fault_script.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>

#include "unit/testing/plain_client.hpp"

namespace {

using namespace dynasio::testing;
using dynasio_tests::plain_client;

struct fault_script : testing::Test {
    fault_endpoint endpoint;
    plain_client client{endpoint.port()};

    std::string complaint(std::string_view fault) {
        try {
            apply_fault(endpoint, fault);
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), dynasio::errc::invalid_argument);
            return e.info().message;
        }
        return "none";
    }
    plain_client::response get(std::string const& table = "users") {
        return client.call("GetItem", R"({"TableName":")" + table + R"(","Key":{"id":{"S":"u-1"}}})");
    }
};

TEST_F(fault_script, a_name_alone_is_a_fault_of_every_request) {
    auto const fault = apply_fault(endpoint, " html ");
    EXPECT_EQ(get().result_int(), 503U);
    EXPECT_EQ(fault.text, "html");
    EXPECT_EQ(fault.rule.used(), 1U);
}

TEST_F(fault_script, settings_narrow_the_requests) {
    auto const on_table =
        apply_fault(endpoint, "error:operation=GetItem,table=users,type=Odd,message=\"a, \\\"b\\\"\"");
    auto const by_key = apply_fault(endpoint, "empty:key=u-1,status=202,nth=2");
    auto const answer = get();
    EXPECT_EQ(answer.result_int(), 400U);
    EXPECT_NE(answer.body().find(R"("message":"a, \"b\"")"), std::string::npos) << answer.body();
    EXPECT_NE(get("posts").result_int(), 202U) << "only the second one";
    EXPECT_EQ(get("posts").result_int(), 202U);
    EXPECT_EQ(on_table.rule.used(), 1U);
    EXPECT_EQ(by_key.rule.used(), 1U);
}

TEST_F(fault_script, a_script_is_one_fault_on_each_line) {
    auto const faults = apply_fault_script(endpoint, "# first throttle, then fail\r\n"
                                                     "throttle:times=1,type=ThrottlingException,reason=R,resource=A\r\n"
                                                     "\n"
                                                     "  error:containing=\"Key\",status=503,type=ServiceUnavailable");
    ASSERT_EQ(faults.size(), 2U);
    auto const throttled = get();
    EXPECT_NE(throttled.body().find(R"("throttlingReasons":[{"reason":"R","resource":"A"}])"), std::string::npos);
    EXPECT_EQ(get().result_int(), 503U);
    EXPECT_EQ(faults[0].rule.used(), 1U);
    EXPECT_EQ(faults[1].rule.used(), 1U);
}

TEST_F(fault_script, a_script_with_a_mistake_puts_nothing_in_force) {
    try {
        apply_fault_script(endpoint, "html\n\nhtlm\n");
        ADD_FAILURE() << "the script was accepted";
    } catch (dynasio::error const& e) {
        EXPECT_TRUE(e.info().message.starts_with("line 3: there is no fault \"htlm\"; there are throttle,"))
            << e.info().message;
    }
    EXPECT_EQ(get().result_int(), 400U) << "no rule answered";
}

TEST_F(fault_script, the_seed_of_the_endpoint_decides_rates) {
    auto const run = [](std::uint64_t seed) {
        fault_endpoint_options options;
        options.seed = seed;
        fault_endpoint seeded(options);
        apply_fault_script(seeded, "empty:rate=0.5\njson");
        plain_client asking(seeded.port());
        std::string outcome;
        for (int i = 0; i < 40; ++i) outcome += asking.call("GetItem", "{}").body().empty() ? 'x' : '.';
        return outcome;
    };
    auto const first = run(11);
    EXPECT_EQ(run(11), first);
    EXPECT_NE(run(12), first);
    EXPECT_NE(first.find('x'), std::string::npos);
    EXPECT_NE(first.find('.'), std::string::npos);
}

TEST_F(fault_script, mistakes_are_named) {
    EXPECT_EQ(complaint("drop:when=later"), "when is one of before, after, not \"later\"");
    EXPECT_EQ(complaint("html:rate=1.5"), "rate is a probability from 0 to 1, not \"1.5\"");
    EXPECT_EQ(complaint("html:rate=nan"), "rate is a probability from 0 to 1, not \"nan\"");
    EXPECT_EQ(complaint("html:times=-1"), "times is a number of 0 or more, not \"-1\"");
    EXPECT_EQ(complaint("html:times=1,times=2"), "\"times\" is given twice");
    EXPECT_EQ(complaint("html:status=99"), "status is a number from 200 to 599, not \"99\"");
    EXPECT_EQ(complaint("html:503"), "expected key=value, not \"503\"");
    EXPECT_EQ(complaint("html:status=503,"), "there is nothing behind the last comma");
    EXPECT_EQ(complaint("html:table=\"a"), "a quotation mark is not closed");
    EXPECT_EQ(complaint("html:table=\"a\"b"), "a comma is missing behind a quoted value");
    EXPECT_EQ(complaint("html:nth=1,times=2"), "nth excludes times and after-first");
    EXPECT_EQ(complaint("html:nth=0"), "nth() counts from 1");
    EXPECT_EQ(complaint("slow:by=5"), "by is a time like 20ms, 1.5s or 10min, not \"5\"");
    EXPECT_EQ(complaint("slow:by=-5s"), "by is a time like 20ms, 1.5s or 10min, not \"-5s\"");
    EXPECT_EQ(complaint("slow:by=1e99s"), "by is a time like 20ms, 1.5s or 10min, not \"1e99s\"");
    EXPECT_EQ(complaint("skew"), "the fault \"skew\" needs by: the time that Date is off, like -10min");
    EXPECT_EQ(complaint("unprocessed:first=1,all-but=1"), "first and all-but exclude each other");
    EXPECT_EQ(complaint("header:name=a b"), "not a header that HTTP allows: \"a b\"");
    EXPECT_EQ(complaint("self-signed"), "a fault of certificates needs an endpoint with TLS");
    EXPECT_EQ(complaint("refuse:table=users"),
              "the fault \"refuse\" has no setting \"table\"; it has rate, nth, times, after-first");
    EXPECT_TRUE(
        complaint("html:color=red").starts_with("the fault \"html\" has no setting \"color\"; it has operation,"));
    EXPECT_TRUE(complaint("").starts_with("there is no fault \"\"; there are throttle,"));
}

TEST_F(fault_script, the_help_names_every_fault_that_it_says_exists) {
    auto const help = fault_script_help();
    auto known = complaint("x");
    known.erase(0, known.find("there are ") + 10);
    std::size_t count = 0;
    for (std::size_t at = 0; at < known.size(); ++count) {
        auto const end = std::min(known.find(", ", at), known.size());
        EXPECT_NE(help.find("\n  " + known.substr(at, end - at) + ' '), std::string::npos);
        at = end + 2;
    }
    EXPECT_EQ(count, 36U);
}

TEST(fault_script_of_tls, certificates_can_be_faulty) {
    fault_endpoint_options options;
    options.tls = true;
    fault_endpoint endpoint(options);
    EXPECT_NO_THROW(apply_fault(endpoint, "wrong-host:rate=0.5"));
    EXPECT_TRUE(endpoint.url().starts_with("https://127.0.0.1:"));
    EXPECT_TRUE(endpoint.authority_pem().starts_with("-----BEGIN CERTIFICATE-----"));
}

} // namespace
