#include <dynasio/testing/fault_endpoint.hpp>
#include <dynasio/testing/run.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace kit = dynasio::testing;
using namespace dynasio;

/// Sets variables of the environment to nonsense for the lifetime of the object.
class variables {
public:
    template <class... Names> explicit variables(Names... names) { (set(names), ...); }
    ~variables() {
        for (auto const& [name, value] : before_) {
            if (value)
                ::setenv(name, value->c_str(), 1);
            else
                ::unsetenv(name);
        }
    }
    variables(variables const&) = delete;
    variables& operator=(variables const&) = delete;

private:
    void set(char const* name) {
        char const* const before = std::getenv(name);
        before_.emplace_back(name, before != nullptr ? std::optional<std::string>(before) : std::nullopt);
        ::setenv(name, "nonsense", 1);
    }

    std::vector<std::pair<char const*, std::optional<std::string>>> before_{};
};

TEST(run_in_tests, returns_what_an_operation_gives_and_may_be_called_again) {
    kit::fault_endpoint service;
    service.on(kit::match("GetItem")).answer_json(R"({"Item":{"id":{"S":"u1"}}})");
    asio::io_context io;
    client db(io, kit::options_for(service.url()));
    for (int i = 0; i < 2; ++i) {
        dynamodb::get_item_request const get("users", dynamodb::item{{"id", "u1"}});
        auto const answer = kit::run(io, db.get_item(get));
        ASSERT_TRUE(answer.item);
        EXPECT_EQ(answer.item->at("id").as_string(), "u1");
    }
}

TEST(run_in_tests, throws_what_an_operation_throws) {
    kit::fault_endpoint service;
    service.on(kit::match("GetItem")).answer_error(400, "ValidationException", "no");
    asio::io_context io;
    client db(io, kit::options_for(service.url()));
    dynamodb::get_item_request const get("users", dynamodb::item{{"id", "u1"}});
    try {
        static_cast<void>(kit::run(io, db.get_item(get)));
        FAIL() << "nothing was thrown";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), service_errc::validation);
    }
}

TEST(run_in_tests, gives_up_on_an_operation_that_never_completes) {
    asio::io_context io;
    asio::steady_timer timer(io, asio::steady_timer::time_point::max());
    auto const never = [](asio::steady_timer* t) -> asio::awaitable<void> {
        co_await t->async_wait(asio::use_awaitable);
    };
    EXPECT_THROW(kit::run(io, never(&timer), std::chrono::milliseconds(1)), std::runtime_error);
    timer.cancel();
    io.restart();
    io.run();
}

TEST(options_for_tests, leave_the_environment_s_settings_of_aws_out) {
    variables const nonsense("AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_ACCOUNT_ID_ENDPOINT_MODE",
                             "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_REGION", "HTTP_PROXY");
    kit::fault_endpoint service;
    service.on(kit::match("GetItem")).answer_json("{}");
    asio::io_context io;
    client db(io, kit::options_for(service.url()));
    dynamodb::get_item_request const get("users", dynamodb::item{{"id", "u1"}});
    EXPECT_FALSE(kit::run(io, db.get_item(get)).item);
    EXPECT_EQ(db.options().region, "us-east-1");
    EXPECT_EQ(db.options().retry.max_attempts, 3U);
}

} // namespace
