#include "send_write.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <utility>
#include <vector>

#include "../wire/answer_members.hpp"
#include "drive.hpp"

namespace dynasio::detail {

namespace {

/// Whether end_write() reads the answer: somebody wants to know the old item or the cost.
bool reads_answer(item_write const& write, operation_options const& options) noexcept {
    return write.answers_with_old_item() || wants_capacity(options);
}

} // namespace

dynamodb::detail::raw_request request_of(item_write& write, operation_options const& options) {
    dynamodb::detail::raw_request request{
        .op = write.operation(), .body = {}, .repeatable = write.repeatable(), .options = options.call};
    request.body = std::move(write).take_body();
    request.report_capacity = wants_capacity(options);
    request.reads_whole_answer = reads_answer(write, options);
    request.about = write.subject();
    return request;
}

bool end_write(item_write const& write, dynamodb::detail::raw_reply const& reply, operation_options const& options) {
    bool existed = false;
    if (!reads_answer(write, options)) return existed; // the engine has checked the answer
    try {
        auto const answer = read_write_answer(reply.body());
        existed = answer.existed;
        if (call_cost* const cost = options.call.cost()) cost->write_units += answer.write_units;
    } catch (error const& e) {
        // Status 200 with an unreadable body may be a success of the service or the answer of a proxy.
        diagnostics d = e.info();
        add_context(d, {.operation = to_string(write.operation()), .outcome_unknown = true});
        dynamodb::detail::add_answer_facts(d, reply);
        throw_error(e.code(), std::move(d));
    }
    return existed;
}

void judge_failed_write(item_write const& write, error const& e, engine_ptr const& engine,
                        std::string_view relation_path) {
    if (write.met_itself(e)) return;
    if (e.info().outcome_unknown) write.keep_key();
    auto const table = physical_table(engine->options().table_prefix, write.table());
    throw with_context(write.meaning_of(e), {.table = table, .relation_path = relation_path});
}

boost::asio::awaitable<bool> send_guarded(engine_ptr engine, std::unique_ptr<guarded_writes> writes,
                                          operation_options options) {
    auto driving = drive_writes(engine, *writes, options);
    co_await std::move(driving);
    if (writes->failed()) {
        error const& e = *writes->failed();
        if (writes->writes().size() != 1) throw e;
        auto const table = physical_table(engine->options().table_prefix, writes->writes().front().write.table());
        throw with_context(e, {.table = table});
    }
    for (auto const& one : writes->writes()) one.apply();
    co_return writes->existed();
}

boost::asio::awaitable<bool> send_guarded(engine_ptr engine, item_write write, operation_options options) {
    std::vector<decided_write> one;
    one.push_back({std::move(write), planned_write::kind::save, {}, {}});
    auto made = std::make_unique<guarded_writes>(std::move(one), engine->options().table_prefix);
    return send_guarded(std::move(engine), std::move(made), options);
}

} // namespace dynasio::detail
