#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/describe_contributor_insights.hpp>
#include <dynasio/dynamodb/operations/describe_export.hpp>
#include <dynasio/dynamodb/operations/describe_import.hpp>
#include <dynasio/dynamodb/operations/describe_kinesis_streaming_destination.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include <dynasio/http/deadline.hpp>

#include <dynasio/core/error_context.hpp>

#include <boost/asio/this_coro.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "decode.hpp"
#include "waiter.hpp"

namespace dynasio {
namespace {

namespace asio = boost::asio;
using dynamodb::detail::engine;
using dynamodb::detail::raw_reply;
using dynamodb::detail::raw_request;
using dynamodb::detail::sighting;
using dynamodb::detail::waiter;
using namespace std::chrono_literals;

// Time-outs of the waiters: number of attempts times delay, as the service model has them.
constexpr auto table_wait = 25 * 20s;
constexpr auto setting_wait = 30 * 20s;
constexpr auto transfer_wait = 60 * 20s;

/// The goal of a wait.
template <class Request> struct goal {
    Request request;
    std::string subject; ///< For messages: the table's name or the ARN.
    char const* text;
    sighting (*judge)(typename Request::response_type const*);
    errc timed_out = errc::deadline_exceeded;
    bool absence_counts = false; ///< Whether a missing resource is judged; else it is an error.
};

bool is_absence(error const& e) {
    return e.code() == service_errc::resource_not_found || e.code() == service_errc::table_not_found;
}

/// Makes a waiter; adds operation and subject to the error of invalid pauses.
waiter waiter_of(poll_options poll, std::string const& operation, std::string const& subject) {
    try {
        return waiter(poll);
    } catch (error const& e) {
        error_context known;
        known.operation = operation;
        known.table = subject;
        rethrow_with(e, known);
    }
}

template <class Request>
asio::awaitable<typename Request::response_type> wait(std::shared_ptr<engine> self, goal<Request> wanted,
                                                      call_options options, poll_options poll) {
    auto const executor = co_await asio::this_coro::executor;
    self->admit(executor);
    check(wanted.request);
    std::string const operation(to_string(Request::op));
    waiter watch = waiter_of(poll, operation, wanted.subject);
    if (options.cost() != nullptr) *options.cost() = call_cost();
    http::deadline until(self->deadlines(), self->deadline_of(options));
    for (;;) {
        std::optional<typename Request::response_type> answer;
        bool in_time = true;
        try {
            raw_request raw{Request::op, self->borrow_body(), true, options};
            raw.reads_whole_answer = true; // decode()
            append_json(raw.body, wanted.request);
            auto performing = self->perform(std::move(raw), &until);
            raw_reply const reply = co_await std::move(performing);
            dynamodb::detail::decode(reply, Request::op, capacity_kind::read, wanted.subject, answer.emplace());
        } catch (error const& e) {
            answer.reset();
            in_time = e.code() != errc::deadline_exceeded;
            if (in_time && !(wanted.absence_counts && is_absence(e))) throw;
        }
        if (!in_time) watch.out_of_time(wanted.timed_out, wanted.text, operation.c_str(), wanted.subject);
        auto seen = wanted.judge(answer ? &*answer : nullptr);
        if (watch.saw(std::move(seen), wanted.text, operation.c_str(), wanted.subject)) {
            if (!answer) answer.emplace();
            co_return std::move(*answer);
        }
        try {
            auto sleeping = self->sleep(watch.pause(), until);
            co_await std::move(sleeping);
        } catch (error const& e) {
            if (e.code() != errc::deadline_exceeded) throw;
            in_time = false;
        }
        if (!in_time) watch.out_of_time(wanted.timed_out, wanted.text, operation.c_str(), wanted.subject);
    }
}

/// Awaits `op` and drops its answer.
template <class T> asio::awaitable<void> only(asio::awaitable<T> op) {
    auto waiting = std::move(op);
    static_cast<void>(co_await std::move(waiting));
}

goal<dynamodb::describe_table_request> table_goal(std::string table, char const* text,
                                                  sighting (*judge)(dynamodb::describe_table_response const*)) {
    dynamodb::describe_table_request request(table);
    return {std::move(request), std::move(table), text, judge, errc::table_not_ready, true};
}

call_options with_timeout(call_options options, std::chrono::nanoseconds otherwise) {
    if (!options.timeout()) options.timeout(otherwise);
    return options;
}

} // namespace

asio::awaitable<void> client::wait_until_active(std::string table, call_options options, poll_options poll) {
    auto wanted = table_goal(std::move(table), "the table to be ACTIVE", dynamodb::detail::judge_table_usable);
    return enter(engine_, only(wait(engine_, std::move(wanted), options, poll)));
}
asio::awaitable<void> client::wait_until_gone(std::string table, call_options options, poll_options poll) {
    auto wanted = table_goal(std::move(table), "the table to be gone", dynamodb::detail::judge_table_gone);
    return enter(engine_, only(wait(engine_, std::move(wanted), options, poll)));
}

asio::awaitable<dynamodb::describe_table_response>
client::wait_until_table_exists(std::string table, call_options options, poll_options poll) {
    auto wanted = table_goal(std::move(table), "the table to be ACTIVE", dynamodb::detail::judge_table_exists);
    return enter(engine_, wait(engine_, std::move(wanted), with_timeout(options, table_wait), poll));
}
asio::awaitable<void> client::wait_until_table_not_exists(std::string table, call_options options, poll_options poll) {
    auto wanted = table_goal(std::move(table), "the table to be gone", dynamodb::detail::judge_table_gone);
    return enter(engine_, only(wait(engine_, std::move(wanted), with_timeout(options, table_wait), poll)));
}

asio::awaitable<dynamodb::describe_export_response>
client::wait_until_export_completed(std::string export_arn, call_options options, poll_options poll) {
    goal<dynamodb::describe_export_request> wanted{dynamodb::describe_export_request(export_arn), export_arn,
                                                   "the export to be COMPLETED", dynamodb::detail::judge_export};
    return enter(engine_, wait(engine_, std::move(wanted), with_timeout(options, transfer_wait), poll));
}

asio::awaitable<dynamodb::describe_import_response>
client::wait_until_import_completed(std::string import_arn, call_options options, poll_options poll) {
    goal<dynamodb::describe_import_request> wanted{dynamodb::describe_import_request(import_arn), import_arn,
                                                   "the import to be COMPLETED", dynamodb::detail::judge_import};
    return enter(engine_, wait(engine_, std::move(wanted), with_timeout(options, transfer_wait), poll));
}

asio::awaitable<dynamodb::describe_contributor_insights_response>
client::wait_until_contributor_insights_enabled(dynamodb::describe_contributor_insights_request const& request,
                                                call_options options, poll_options poll) {
    goal<dynamodb::describe_contributor_insights_request> wanted{request, request.table_name,
                                                                 "contributor insights to be ENABLED",
                                                                 dynamodb::detail::judge_contributor_insights};
    return enter(engine_, wait(engine_, std::move(wanted), with_timeout(options, setting_wait), poll));
}

asio::awaitable<dynamodb::describe_kinesis_streaming_destination_response>
client::wait_until_kinesis_streaming_active(std::string table, call_options options, poll_options poll) {
    goal<dynamodb::describe_kinesis_streaming_destination_request> wanted{
        dynamodb::describe_kinesis_streaming_destination_request(table), table, "a Kinesis stream to be ACTIVE",
        dynamodb::detail::judge_kinesis_streaming};
    return enter(engine_, wait(engine_, std::move(wanted), with_timeout(options, setting_wait), poll));
}

} // namespace dynasio
