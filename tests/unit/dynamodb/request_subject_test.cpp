#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/observer.hpp>

#include <boost/asio/error.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "dynamodb/partition_names.hpp"
#include "dynamodb/request_targets.hpp"
#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace dynasio::dynamodb::detail;
using dynasio::as_result;
using dynasio::call_options;
using dynasio::capacity_kind;
using dynasio::service_errc;
using dynasio::dynamodb::operation;

/// Tells something else than the bodies say, so that it shows who was asked.
struct teller {
    request_target target{};
    std::string path{};
    mutable unsigned asked = 0;
    mutable std::string body{};
    mutable std::string prefix{};

    [[nodiscard]] request_subject subject() const {
        request_subject out;
        out.tell = [](request_subject const& self, std::string_view text, std::string_view table_prefix,
                      request_targets& into) {
            auto const& by = *static_cast<teller const*>(self.who);
            ++by.asked;
            by.body = text.substr(self.at, self.size);
            by.prefix = table_prefix;
            into.targets.push_back(by.target);
            into.relation_path = by.path;
        };
        out.who = this;
        return out;
    }
};

struct watcher final : dynasio::observer {
    void on_call_started(dynasio::observed_call const& c) noexcept override {
        seen += std::string(c.table) + '/' + std::string(c.index) + '/' + std::string(c.label) + ' ';
    }
    std::string seen{};
};

struct request_subject_test : engine_fixture {
    request_subject_test() {
        told.target.table = "told";
        told.target.index = "by_told";
        told.path = "User.posts";
    }
    raw_request request(call_options o = {}) {
        raw_request out = get(o);
        out.about = told.subject();
        return out;
    }
    teller told{};
};

TEST_F(request_subject_test, nobody_is_asked_while_nobody_wants_to_know) {
    auto const e = make_engine();
    ASSERT_TRUE(outcome(e->perform(request())).has_value());
    EXPECT_EQ(told.asked, 0U);
}

TEST_F(request_subject_test, an_observer_hears_what_is_told) {
    auto o = options();
    auto const seen = std::make_shared<watcher>();
    o.observer = seen;
    o.table_prefix = "dev_";
    auto const e = make_engine(o);
    raw_request asking = request();
    asking.about.at = 1;
    asking.about.size = 11;
    ASSERT_TRUE(outcome(e->perform(std::move(asking))).has_value());
    EXPECT_EQ(seen->seen, "told/by_told/User.posts ");
    EXPECT_EQ(told.asked, 1U);
    EXPECT_EQ(told.body, R"("TableName")");
    EXPECT_EQ(told.prefix, "dev_");
    ASSERT_TRUE(outcome(e->perform(request(call_options().label("checkout")))).has_value());
    EXPECT_EQ(seen->seen, "told/by_told/User.posts told/by_told/checkout ");
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(seen->seen, "told/by_told/User.posts told/by_told/checkout users// ");
}

TEST_F(request_subject_test, what_is_told_is_what_is_throttled) {
    auto o = options();
    o.throttling.first_pause = std::chrono::hours(1);
    o.throttling.lifetime = std::chrono::hours(2);
    o.timeout = std::chrono::hours(3);
    auto const e = make_engine(o);
    service.next.push_back(service_error_answer("ProvisionedThroughputExceededException"));
    auto const f = failure_of(outcome(e->perform(request(call_options().attempts(1)))));
    EXPECT_EQ(f.code, service_errc::provisioned_throughput_exceeded);
    EXPECT_EQ(told.asked, 1U);
    auto const all = e->throttled();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].table, "told");
    EXPECT_EQ(all[0].index, "by_told");
    EXPECT_EQ(all[0].kind, capacity_kind::read) << "the operation says which";
    EXPECT_TRUE(outcome(e->perform(get())).has_value()) << "another table";
    auto held = start(ctx, as_result(e->perform(request())));
    run_until(ctx, [&] { return e->throttled().at(0).waiting == 1; });
    held.cancel();
    EXPECT_EQ(failure_of(finish(ctx, held)).code, asio::error::operation_aborted);
}

TEST_F(request_subject_test, errors_ask_nobody_and_leave_the_table_to_the_sender) {
    auto const e = make_engine();
    service.next.push_back(service_error_answer("AccessDeniedException"));
    EXPECT_EQ(failure_of(outcome(e->perform(request()))).info->table, "");
    EXPECT_EQ(told.asked, 0U) << "finding out can cost as much as encoding an entity";
    service.next.push_back(service_error_answer("AccessDeniedException"));
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).info->table, "users");
}

TEST_F(request_subject_test, a_partition_that_is_told_is_the_one_that_is_read_from_a_body) {
    partition_names names;
    names.learn("users", {}, "id");
    auto const read = read_request_targets(operation::get_item,
                                           R"({"TableName":"users","Key":{"id":{"S":"1"},"n":{"N":"2"}}})", names);
    ASSERT_EQ(read.targets.size(), 1U);
    EXPECT_EQ(read.targets[0].key, partition_fingerprint("id", R"({"S":"1"})"));
    EXPECT_NE(partition_fingerprint("id", R"({"S":"1"})"), partition_fingerprint("other", R"({"S":"1"})"));
    EXPECT_EQ(partition_fingerprint("id", ""), 0U);
}

} // namespace
