#include <dynasio/aws/http_transport.hpp>
#include <dynasio/aws/providers.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include "fake_environment.hpp"
#include "support/coroutine.hpp"
#include "support/scripted_server.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace dynasio::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

class transport : public testing::Test {
protected:
    ~transport() override {
        for (std::string const& file : files_) std::filesystem::remove(file);
    }
    /// The path of a file that goes with the test.
    std::string file_of(std::string const& text) {
        std::string path = (std::filesystem::temp_directory_path() / "dynasio-XXXXXX").string();
        int const fd = ::mkstemp(path.data());
        EXPECT_GE(fd, 0);
        ::close(fd);
        std::ofstream(path) << text;
        files_.push_back(path);
        return path;
    }
    /// Answers every request the same; what came is in `received`.
    scripted_server::script script(std::string text) {
        return [this, text = std::move(text)](server_connection& c) { return serve(c, text); };
    }
    asio::awaitable<void> serve(server_connection& c, std::string text) {
        received.push_back(co_await c.request());
        co_await c.send(text);
        co_await c.until_closed();
    }
    /// `authorities` is the file that AWS_CA_BUNDLE names.
    transport_response send(transport_request request, std::string authorities = {}) {
        environment env;
        env.variable = [&](std::string const& name) -> std::optional<std::string> {
            if (name != "AWS_CA_BUNDLE" || authorities.empty()) return std::nullopt;
            return authorities;
        };
        auto const t = make_http_transport(env);
        return run(io, t(std::move(request)));
    }
    error_code error_of(transport_request request, std::string authorities = {}) {
        try {
            (void)send(std::move(request), std::move(authorities));
        } catch (error const& e) {
            EXPECT_EQ(std::string_view(e.what()).find("hidden"), std::string_view::npos) << e.what();
            return e.code();
        }
        ADD_FAILURE() << "no error";
        return {};
    }
    static transport_request get(std::string url) {
        transport_request request;
        request.url = std::move(url);
        return request;
    }

    asio::io_context io{1};
    std::vector<std::string> received{};

private:
    std::vector<std::string> files_{};
};

TEST_F(transport, sends_the_request_as_it_is_and_gives_the_whole_answer) {
    scripted_server server(io, script("HTTP/1.1 404 No\r\nContent-Length: 4\r\nX-Amzn-Errortype: Gone\r\n\r\nbody"));
    transport_request request = get(server.url() + "/a/b?c=d&e=%20");
    request.headers.emplace_back("x-token", "a b");
    transport_response const response = send(request);
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(response.body, "body");
    EXPECT_EQ(response.error_type, "Gone");
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(
        received[0].find("GET /a/b?c=d&e=%20 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"),
        0U)
        << received[0];
    EXPECT_NE(received[0].find("\r\nx-token: a b\r\n"), std::string::npos);
    request.method = "POST";
    request.body = "form=1";
    (void)send(request);
    EXPECT_NE(received[1].find("\r\nContent-Length: 6\r\n"), std::string::npos);
    EXPECT_EQ(received[1].substr(received[1].size() - 10), "\r\n\r\nform=1");
    request.method = "PUT";
    request.body.clear();
    (void)send(request);
    EXPECT_NE(received[2].find("\r\nContent-Length: 0\r\n"), std::string::npos)
        << "a PUT without one is refused by some";
}

TEST_F(transport, does_not_follow_redirections) {
    scripted_server server(io,
                           script("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(send(get(server.url())).status, 302U);
    EXPECT_EQ(received.size(), 1U);
}

TEST_F(transport, lets_nothing_end_a_line_early) {
    scripted_server server(io, script("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    transport_request request = get(server.url());
    request.headers.emplace_back("x-token", "hidden\r\nX-Evil: 1");
    EXPECT_EQ(error_of(request), errc::invalid_argument);
    request.headers.clear();
    request.headers.emplace_back("x:\r\n", "v");
    EXPECT_EQ(error_of(request), errc::invalid_argument);
    EXPECT_EQ(error_of(get(server.url() + "/?a b")), errc::invalid_argument);
    EXPECT_EQ(error_of(get(server.url() + "/a b")), errc::invalid_configuration);
    request = get(server.url());
    request.method = "GET / HTTP/1.1\r\n";
    EXPECT_EQ(error_of(request), errc::invalid_argument);
    EXPECT_TRUE(received.empty());
}

TEST_F(transport, has_a_deadline_for_everything) {
    scripted_server server(io, [](server_connection& c) { return c.until_closed(); });
    transport_request request = get(server.url());
    request.timeout = 20ms;
    EXPECT_EQ(error_of(request), errc::deadline_exceeded);
}

TEST_F(transport, tells_what_is_wrong_with_the_network) {
    std::string url;
    {
        scripted_server const gone(io, [](server_connection& c) { return c.until_closed(); });
        url = gone.url();
    }
    EXPECT_EQ(error_of(get(url)), transport_errc::connect_failed);
    scripted_server broken(io, script("no http\r\n\r\n"));
    EXPECT_EQ(error_of(get(broken.url())), transport_errc::malformed_http);
    scripted_server huge(io, script("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"));
    EXPECT_EQ(error_of(get(huge.url())), transport_errc::response_too_large);
}

TEST_F(transport, verifies_certificates) {
    certificate_authority const authority;
    certificate const identity = authority.issue("DNS:localhost,IP:127.0.0.1");
    scripted_server server(io, script("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), identity);
    EXPECT_EQ(error_of(get(server.url())), transport_errc::certificate_untrusted);
    std::string const file = file_of(authority.pem());
    EXPECT_EQ(send(get(server.url()), file).body, "ok");
    // The chain finds the same file through AWS_CA_BUNDLE.
    provider_context context;
    context.env.variable = [&](std::string const& name) -> std::optional<std::string> {
        if (name == "AWS_CA_BUNDLE") return file;
        if (name == "AWS_CONTAINER_CREDENTIALS_FULL_URI") return server.url();
        return std::nullopt;
    };
    EXPECT_THROW((void)run(io, container_credentials(context)()), error) << "no JSON, but an answer";
    EXPECT_EQ(received.size(), 2U);
}

TEST_F(transport, trusts_a_bundle_in_place_of_the_systems_authorities) {
    certificate_authority const authority;
    certificate_authority const other;
    std::string const own = file_of(authority.pem());
    std::string const foreign = file_of(other.pem());
    scripted_server server(io, script("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                           authority.issue("DNS:localhost,IP:127.0.0.1"));
    ::setenv("SSL_CERT_FILE", own.c_str(), 1);
    EXPECT_EQ(send(get(server.url())).body, "ok") << "the system trusts it";
    EXPECT_EQ(error_of(get(server.url()), foreign), transport_errc::certificate_untrusted);
    ::unsetenv("SSL_CERT_FILE");
}

TEST_F(transport, finds_the_bundle_of_the_profile) {
    certificate_authority const authority;
    certificate_authority const other;
    scripted_server server(io, script("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
                           authority.issue("DNS:localhost,IP:127.0.0.1"));
    tests::fake_environment fake;
    fake.variables["HOME"] = "/home";
    fake.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url();
    fake.files["/home/.aws/config"] = "[default]\nca_bundle = " + file_of(other.pem()) +
                                      "\n[profile work]\nca_bundle = " + file_of(authority.pem()) + "\n";
    auto const answers = [&](std::string profile) {
        provider_context context;
        context.env = fake.get();
        context.profile = std::move(profile);
        auto const before = received.size();
        EXPECT_THROW((void)run(io, container_credentials(context)()), error) << "no JSON, or no answer";
        return received.size() > before;
    };
    EXPECT_FALSE(answers(""));
    EXPECT_TRUE(answers("work"));
    fake.variables["AWS_PROFILE"] = "work";
    EXPECT_TRUE(answers(""));
    EXPECT_FALSE(answers("default"));
    fake.variables["AWS_CA_BUNDLE"] = file_of(other.pem());
    EXPECT_FALSE(answers("work")) << "the variable goes first";
}

TEST_F(transport, goes_through_the_proxy_of_the_environment_but_not_to_this_link) {
    scripted_server proxy(io, script("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    environment env;
    env.variable = [&](std::string const& name) -> std::optional<std::string> {
        if (name == "http_proxy") return proxy.url();
        return std::nullopt;
    };
    auto const t = make_http_transport(env);
    transport_request request = get("http://credentials.invalid/x?y");
    EXPECT_EQ(run(io, t(request)).body, "ok");
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(received[0].find("GET http://credentials.invalid/x?y HTTP/1.1\r\n"), 0U) << received[0];
    request.direct = true;
    EXPECT_THROW((void)run(io, t(request)), error) << "there is no such host";
    EXPECT_EQ(received.size(), 1U);
}

TEST_F(transport, ends_when_it_is_cancelled) {
    bool connected = false;
    scripted_server server(io, [&](server_connection& c) {
        connected = true;
        return c.until_closed();
    });
    auto const t = make_http_transport();
    auto task = start(io, t(get(server.url())));
    run_until(io, [&] { return connected; });
    task.cancel();
    try {
        (void)finish(io, task);
        FAIL() << "not cancelled";
    } catch (boost::system::system_error const& e) {
        EXPECT_EQ(e.code(), asio::error::operation_aborted);
    }
}

} // namespace
