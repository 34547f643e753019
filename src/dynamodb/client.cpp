#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include <dynasio/http/deadline.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>

#include "decode.hpp"

namespace dynasio {

namespace asio = boost::asio;
using dynamodb::detail::engine;
using dynamodb::detail::raw_reply;
using dynamodb::detail::raw_request;

namespace {

bool is_active(dynamodb::table_description const& table) {
    if (!table.table_status || !(*table.table_status == dynamodb::table_status::active)) return false;
    if (!table.global_secondary_indexes) return true;
    return std::all_of(table.global_secondary_indexes->begin(), table.global_secondary_indexes->end(),
                       [](dynamodb::global_secondary_index_description const& index) {
                           return !index.index_status || *index.index_status == dynamodb::index_status::active;
                       });
}

[[noreturn]] void not_ready(std::string const& table, bool gone, std::string const& state) {
    diagnostics d;
    d.operation = "DescribeTable";
    d.table = table;
    d.message = (gone ? "waited for the table to be gone, " : "waited for the table to be ACTIVE, ") +
                (state.empty() ? std::string("and got no answer") : "last state: " + state);
    throw_error(errc::table_not_ready, std::move(d));
}

asio::awaitable<void> wait_for_table(std::shared_ptr<engine> self, std::string table, call_options options,
                                     poll_options poll, bool gone) {
    auto const executor = co_await asio::this_coro::executor;
    self->check_executor(executor);
    dynamodb::describe_table_request const request(table);
    check(request);
    if (options.cost() != nullptr) *options.cost() = call_cost();
    http::deadline until(self->deadlines(), self->deadline_of(options));
    std::string state;
    auto delay = poll.first_delay;
    for (;;) {
        bool deadline_passed = false;
        bool exists = true;
        dynamodb::describe_table_response response;
        try {
            raw_request raw{request.op, self->borrow_body(), true, options};
            append_json(raw.body, request);
            auto performing = self->perform(std::move(raw), &until);
            raw_reply const reply = co_await std::move(performing);
            dynamodb::detail::decode(reply, request.op, table, response);
        } catch (error const& e) {
            if (e.code() == errc::deadline_exceeded) {
                deadline_passed = true;
            } else if (e.code() == service_errc::resource_not_found || e.code() == service_errc::table_not_found) {
                exists = false;
            } else {
                throw;
            }
        }
        if (deadline_passed) not_ready(table, gone, state);
        if (!exists && gone) co_return;
        state = "it does not exist";
        if (exists) {
            bool const active = response.table && is_active(*response.table);
            if (active && !gone) co_return;
            state = response.table && response.table->table_status ? std::string(response.table->table_status->text())
                                                                   : std::string("unknown");
            if (state == "ACTIVE" && !gone) state = "ACTIVE, but an index is not";
        }
        try {
            auto sleeping = self->sleep(delay, until);
            co_await std::move(sleeping);
        } catch (error const& e) {
            if (e.code() != errc::deadline_exceeded) throw;
            deadline_passed = true;
        }
        if (deadline_passed) not_ready(table, gone, state);
        delay = std::min(delay * 2, std::max(poll.max_delay, poll.first_delay));
    }
}

} // namespace

client::client(asio::any_io_executor executor, client_options options)
    : engine_(engine::create(std::move(executor), std::move(options))) {}

asio::awaitable<void> client::wait_until_active(std::string table, call_options options, poll_options poll) {
    return enter(engine_, wait_for_table(engine_, std::move(table), options, poll, false));
}
asio::awaitable<void> client::wait_until_gone(std::string table, call_options options, poll_options poll) {
    return enter(engine_, wait_for_table(engine_, std::move(table), options, poll, true));
}

void client::stop() noexcept { engine_->stop(); }
asio::any_io_executor client::get_executor() const noexcept { return engine_->executor(); }
client_options const& client::options() const noexcept { return engine_->options(); }
dynamodb::request_counts const& client::requests() const noexcept { return engine_->counts(); }
std::vector<throttled_resource> client::throttled() const { return engine_->throttled(); }
http::pool_statistics client::connections() const noexcept { return engine_->pool(); }

} // namespace dynasio
