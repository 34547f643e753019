#ifndef DYNASIO_TESTS_UNIT_AWS_PROVIDER_FIXTURE_HPP
#define DYNASIO_TESTS_UNIT_AWS_PROVIDER_FIXTURE_HPP

#include <dynasio/aws/providers.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake_environment.hpp"
#include "support/coroutine.hpp"

namespace dynasio::tests {

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Providers on files, variables, a clock and answers of the test's own.
class provider_fixture : public testing::Test {
protected:
    provider_fixture() { fake.variables["HOME"] = "/home"; }

    aws::provider_context context() {
        aws::provider_context result;
        result.env = fake.get();
        result.env.write_file = [this](std::string const& path, std::string_view content) {
            fake.files[path] = content;
            return true;
        };
        result.clock = [this] { return now; };
        result.transport = [this](aws::transport_request request) { return answer(std::move(request)); };
        result.sleep = [this](std::chrono::milliseconds delay) { return note_sleep(delay); };
        result.random = [] { return 0.5; };
        return result;
    }

    /// The same, but each request waits until the test lets them go.
    aws::provider_context held_context() {
        aws::provider_context result = context();
        result.transport = [this](aws::transport_request request) { return answer_when_let_go(std::move(request)); };
        return result;
    }
    void let_go() {
        gate.expires_at(boost::asio::steady_timer::time_point());
        gate.cancel();
    }
    void run_what_is_ready() {
        if (io.stopped()) io.restart();
        while (io.poll_one() != 0) {
        }
    }

    void expect(unsigned status, std::string body) {
        aws::transport_response response;
        response.status = status;
        response.body = std::move(body);
        answers.push_back([response](aws::transport_request const&) { return response; });
    }
    void expect_failure(error_code code) {
        answers.push_back([code](aws::transport_request const&) -> aws::transport_response {
            throw_error(code, "the network says no");
        });
    }

    aws::credentials ask(aws::credentials_provider const& provider) { return test::run(io, provider()); }

    error error_of(aws::credentials_provider const& provider) {
        try {
            (void)ask(provider);
        } catch (error const& e) {
            EXPECT_FALSE(contains(e.what(), "hidden")) << e.what();
            return e;
        }
        ADD_FAILURE() << "no error";
        return error(error_code(), diagnostics());
    }

    static std::string header(aws::transport_request const& request, std::string_view name) {
        for (auto const& [n, value] : request.headers)
            if (n == name) return value;
        return {};
    }

    static std::string sts_answer(std::string const& action, std::string const& id, std::string const& expiration) {
        return "<" + action + "Response><" + action +
               "Result><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-"
               "role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>" +
               id +
               "</AccessKeyId><SecretAccessKey>hidden-secret</SecretAccessKey><SessionToken>hidden-token</SessionToken>"
               "<Expiration>" +
               expiration + "</Expiration></Credentials></" + action + "Result></" + action + "Response>";
    }
    static std::string metadata_answer(std::string const& id, std::string const& expiration) {
        return R"({"Code":"Success","AccessKeyId":")" + id +
               R"(","SecretAccessKey":"hidden-secret","Token":"hidden-token","Expiration":")" + expiration + "\"}";
    }

    boost::asio::io_context io{1};
    fake_environment fake{};
    system_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours(12)};
    boost::asio::steady_timer gate{io, boost::asio::steady_timer::time_point::max()};
    std::deque<std::function<aws::transport_response(aws::transport_request const&)>> answers{};
    std::vector<aws::transport_request> requests{};
    std::vector<std::chrono::milliseconds> sleeps{};
    std::size_t held = 0; ///< Requests of held_context() so far.

private:
    boost::asio::awaitable<aws::transport_response> answer_when_let_go(aws::transport_request request) {
        ++held;
        boost::asio::steady_timer& at = gate;
        auto waiting = at.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        (void)co_await std::move(waiting);
        auto answering = answer(std::move(request));
        co_return co_await std::move(answering);
    }
    boost::asio::awaitable<aws::transport_response> answer(aws::transport_request request) {
        requests.push_back(request);
        if (answers.empty()) {
            ADD_FAILURE() << "an unexpected request to " << request.url;
            throw_error(transport_errc::connect_failed, "unexpected");
        }
        auto const next = std::move(answers.front());
        answers.pop_front();
        co_return next(request);
    }
    boost::asio::awaitable<void> note_sleep(std::chrono::milliseconds delay) {
        sleeps.push_back(delay);
        co_return;
    }
};

} // namespace dynasio::tests

#endif
