#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>
#include <dynasio/dynamodb/operations/put_item.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/io_context.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "support/coroutine.hpp"
#include "support/memory_search.hpp"

// Secrets are gone from memory when the client is, whatever its calls came to, and no error shows them.

namespace dynasio::test {
namespace {

namespace asio = boost::asio;

hidden_text const secret(11);
hidden_text const token(12, 900);

/// A service in a process of its own, whose buffers are not this one's memory. Gives these answers, one for each
/// request, then `{}`; closes the connection for an empty one.
class other_process {
public:
    explicit other_process(std::vector<std::string> answers) {
        int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener, plain, size) != 0 || ::listen(listener, 8) != 0 ||
            ::getsockname(listener, plain, &size) != 0)
            throw std::runtime_error("the test's server cannot listen");
        port_ = ntohs(address.sin_port);
        pid_ = ::fork();
        if (pid_ == 0) serve(listener, std::move(answers));
        ::close(listener);
    }
    ~other_process() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    other_process(other_process const&) = delete;
    other_process& operator=(other_process const&) = delete;
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    [[noreturn]] static void serve(int listener, std::vector<std::string> answers) {
        // Should this test be killed, nobody else ends this process.
        ::alarm(60);
        std::size_t next = 0;
        std::vector<char> buffer(64 * 1024);
        for (;;) {
            int const peer = ::accept(listener, nullptr, nullptr);
            std::string got;
            for (;;) {
                auto const n = ::read(peer, buffer.data(), buffer.size());
                if (n <= 0) break;
                got.append(buffer.data(), static_cast<std::size_t>(n));
                auto const end = got.find("\r\n\r\n");
                if (end == std::string::npos) continue;
                auto const length = std::strtoul(got.c_str() + got.find("Content-Length: ") + 16, nullptr, 10);
                if (got.size() < end + 4 + length) continue;
                got.clear();
                std::string const answer =
                    next < answers.size() ? answers[next] : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                ++next;
                if (answer.empty()) break;
                if (::write(peer, answer.data(), answer.size()) < 0) break;
            }
            ::close(peer);
        }
    }

    ::pid_t pid_ = -1;
    unsigned port_ = 0;
};

std::string refusal(std::string const& name, unsigned status) {
    std::string const body = R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + name + R"(","message":"no"})";
    return "HTTP/1.1 " + std::to_string(status) + " No\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

struct client_secrets : testing::Test {
    void SetUp() override {
        if (!hidden_text::can_search) GTEST_SKIP() << "the sanitizer keeps freed memory";
    }
    static client_options options(other_process const& service) {
        client_options o;
        o.region = "us-east-1";
        o.endpoint = service.url();
        o.credentials = aws::static_credentials(aws::credentials("AKIDEXAMPLE", secret.reveal(), token.reveal()));
        o.retry.base_delay = o.retry.throttling_delay = aws::retry_delay(0);
        return o;
    }
    template <class T> result<T> outcome(asio::awaitable<T> op) { return run(ctx, as_result(std::move(op))); }
    template <class T> static void expect_value(result<T> const& r) {
        EXPECT_TRUE(r.has_value()) << (r.has_error() ? r.error().to_string() : "");
    }
    void end(client& db) {
        db.stop();
        ctx.restart();
        ctx.run();
    }
    static void expect_gone() {
        EXPECT_EQ(secret.copies_in_memory(), 0U);
        EXPECT_EQ(token.copies_in_memory(), 0U);
    }

    asio::io_context ctx{};
};

dynamodb::put_item_request put_of(std::size_t size) {
    dynamodb::item item;
    item["id"] = "1";
    item["text"] = std::string(size, 'x');
    return {"users", std::move(item)};
}

dynamodb::get_item_request get_of_one() {
    dynamodb::item key;
    key["id"] = "1";
    return {"users", std::move(key)};
}

TEST_F(client_secrets, are_gone_with_the_client) {
    other_process const service({});
    {
        client db(ctx, options(service));
        // Requests of growing size: buffers grow while the token is in them.
        for (std::size_t const size : {10U, 500U, 3'000U, 7'000U, 20'000U, 300'000U}) {
            expect_value(outcome(db.put_item(put_of(size))));
        }
        expect_value(outcome(db.get_item(get_of_one())));
        EXPECT_GE(secret.copies_in_memory(), 1U) << "they are needed for the next request";
        end(db);
    }
    expect_gone();
}

TEST_F(client_secrets, are_gone_and_not_shown_when_calls_fail) {
    other_process const service({refusal("UnrecognizedClientException", 400), refusal("ExpiredTokenException", 400),
                                 refusal("InvalidSignatureException", 403), "",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"Item\":[]}",
                                 refusal("InternalServerError", 500), "no HTTP at all\r\n\r\n"});
    std::string said;
    {
        client db(ctx, options(service));
        for (int i = 0; i < 6; ++i) {
            auto const failed = outcome(db.get_item(get_of_one(), call_options().attempts(2)));
            if (!failed.has_error()) continue;
            said += failed.error().to_string();
            said += testing::PrintToString(failed.error());
        }
        EXPECT_FALSE(said.empty());
        said += testing::PrintToString(db.options());
        end(db);
    }
    EXPECT_FALSE(secret.is_in(said)) << said;
    EXPECT_FALSE(token.is_in(said)) << said;
    expect_gone();
}

/// "user:password" as Basic authentication has it.
hidden_text in_base64(hidden_text const& password) {
    std::string plain = "user:" + password.reveal();
    std::vector<unsigned char> encoded(2 * plain.size());
    auto const size = ::EVP_EncodeBlock(encoded.data(), reinterpret_cast<unsigned char const*>(plain.data()),
                                        static_cast<int>(plain.size()));
    ::OPENSSL_cleanse(plain.data(), plain.size());
    return hidden_text::take(encoded.data(), static_cast<std::size_t>(size));
}

TEST_F(client_secrets, of_a_proxy_are_gone_with_the_client) {
    hidden_text const password(13);
    hidden_text const encoded = in_base64(password);
    ASSERT_EQ(encoded.copies_in_memory(), 0U) << "this test itself leaves none";
    other_process const proxy({"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"});
    std::string said;
    {
        auto o = options(proxy);
        std::string url;
        url.reserve(256);
        url.append("http://user:");
        std::string text = password.reveal();
        url.append(text).append(proxy.url().replace(0, std::string_view("http://").size(), "@"));
        o.endpoint = "http://dynamodb.invalid"; // which only a proxy is asked for
        o.pool.proxy = http::proxy::parse(url);
        ::OPENSSL_cleanse(text.data(), text.size());
        ::OPENSSL_cleanse(url.data(), url.size());
        client db(ctx, std::move(o));
        auto const refused = outcome(db.get_item(get_of_one()));
        ASSERT_TRUE(refused.has_error());
        said = refused.error().to_string() + testing::PrintToString(db.options());
        for (std::size_t const size : {10U, 500U, 7'000U, 300'000U}) expect_value(outcome(db.put_item(put_of(size))));
        EXPECT_GE(encoded.copies_in_memory(), 1U) << "it is needed for the next request";
        end(db);
    }
    EXPECT_FALSE(password.is_in(said)) << said;
    EXPECT_FALSE(encoded.is_in(said)) << said;
    EXPECT_EQ(password.copies_in_memory(), 0U);
    EXPECT_EQ(encoded.copies_in_memory(), 0U);
    expect_gone();
}

TEST_F(client_secrets, of_earlier_credentials_are_gone_when_the_client_has_newer_ones) {
    other_process const service({});
    auto o = options(service);
    auto clock = std::make_shared<system_time>(system_now());
    o.clock = [clock] { return *clock; };
    auto calls = std::make_shared<int>(0);
    o.credentials = [clock, calls]() -> boost::asio::awaitable<aws::credentials> {
        aws::credentials value = ++*calls == 1 ? aws::credentials("AKIDONE", secret.reveal(), token.reveal())
                                               : aws::credentials("AKIDTWO", "another", "another-token");
        value.expires_at = *clock + std::chrono::minutes(30);
        co_return value;
    };
    client db(ctx, std::move(o));
    expect_value(outcome(db.get_item(get_of_one())));
    EXPECT_GE(secret.copies_in_memory(), 1U);
    *clock += std::chrono::minutes(40);
    expect_value(outcome(db.get_item(get_of_one())));
    EXPECT_EQ(*calls, 2);
    EXPECT_EQ(secret.copies_in_memory(), 0U);
}

} // namespace
} // namespace dynasio::test
