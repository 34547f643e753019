#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/aws/providers.hpp>

#include <dynasio/core/timestamp.hpp>

#include <optional>

#include "engine_fixture.hpp"

// A client whose credentials come from a real endpoint on loopback.
namespace {

using namespace dynasio::test;
using namespace dynasio::dynamodb;
using namespace std::chrono_literals;
using dynasio::client;
using dynasio::client_options;

class client_on_container_credentials : public engine_fixture {
protected:
    client_on_container_credentials() : endpoint_(ctx, [this](server_connection& c) { return give(c); }) {}

    client_options container_options() {
        client_options o = options();
        o.clock = [this] { return now; };
        dynasio::aws::provider_context context;
        context.clock = o.clock;
        context.env.read_file = [](std::string const&) { return std::nullopt; };
        context.env.variable = [this](std::string const& name) -> std::optional<std::string> {
            if (name == "AWS_CONTAINER_CREDENTIALS_FULL_URI") return endpoint_.url() + "/creds?id=1";
            if (name == "AWS_CONTAINER_AUTHORIZATION_TOKEN") return "the-token";
            return std::nullopt;
        };
        o.credentials = dynasio::aws::chain_credentials(std::move(context));
        return o;
    }

    /// Sends `count` requests at a time; the number of the credentials that each was signed with.
    std::vector<int> send(client& db, std::size_t count) {
        std::size_t const before = service.requests.size();
        std::vector<task<get_item_response>> tasks;
        for (std::size_t i = 0; i != count; ++i)
            tasks.push_back(start(ctx, db.get_item(get_item_request("users", item{{"id", "1"}}))));
        for (auto& t : tasks) (void)finish(ctx, t);
        std::vector<int> keys;
        for (std::size_t i = before; i != service.requests.size(); ++i) {
            std::string const authorization = service.header(i, "authorization");
            auto const at = authorization.find("Credential=KEY");
            keys.push_back(at == std::string::npos ? -1 : std::stoi(authorization.substr(at + 14)));
        }
        return keys;
    }

    dynasio::system_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
    int given = 0;
    bool down = false;

private:
    asio::awaitable<void> give(server_connection& c) {
        std::string const request = co_await c.request();
        EXPECT_EQ(request.find("GET /creds?id=1 HTTP/1.1\r\n"), 0U) << request;
        EXPECT_NE(request.find("authorization: the-token\r\n"), std::string::npos);
        if (down) {
            co_await c.answer("{}", {}, 404);
            co_return;
        }
        ++given;
        std::string const body = R"({"AccessKeyId":"KEY)" + std::to_string(given) +
                                 R"(","SecretAccessKey":"s","Token":"t","Expiration":")" +
                                 dynasio::timestamp(now + 10min).to_string() + "\"}";
        co_await c.answer(body);
    }

    scripted_server endpoint_;
};

TEST_F(client_on_container_credentials, fetches_them_once_for_many_waiters_and_renews_them_beside_the_requests) {
    client db(ctx, container_options());
    EXPECT_EQ(send(db, 20), std::vector<int>(20, 1));
    EXPECT_EQ(given, 1);

    now += 5min; // half of their time
    EXPECT_EQ(send(db, 1), std::vector<int>{1}) << "nobody waits while the old ones are good";
    run_until(ctx, [&] { return given == 2; });
    run_until(ctx, [&] { return send(db, 1) == std::vector<int>{2}; });

    now += 11min;
    EXPECT_EQ(send(db, 20), std::vector<int>(20, 3)) << "past their end all wait for one fetch";
    EXPECT_EQ(given, 3);
}

TEST_F(client_on_container_credentials, uses_good_ones_while_the_endpoint_is_down) {
    client db(ctx, container_options());
    EXPECT_EQ(send(db, 1), std::vector<int>{1});
    down = true;
    now += 9min;
    EXPECT_EQ(send(db, 5), std::vector<int>(5, 1));
    EXPECT_EQ(send(db, 5), std::vector<int>(5, 1));
    now += 2min;
    auto t = start(ctx, db.get_item(get_item_request("users", item{{"id", "1"}})));
    try {
        (void)finish(ctx, t);
        FAIL() << "no error";
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), dynasio::errc::no_credentials);
        EXPECT_NE(std::string(e.what()).find("127.0.0.1"), std::string::npos) << e.what();
    }
}

} // namespace
