#include <algorithm>

#include "call.hpp"
#include "consumed_capacity.hpp"
#include "recursion_trace.hpp"

// Events of calls for an observer, and capacity reports. Calls without them do not run this code.
namespace dynasio::dynamodb::detail {

using steady = std::chrono::steady_clock;

void call::begin_observed() {
    request_targets const& told = targets();
    auto const& about = told.targets;
    extras_t& more = extras();
    observed_call& seen = more.seen;
    for (request_target const& named : about) {
        if (named.table.empty()) continue;
        if (std::find(more.tables.begin(), more.tables.end(), named.table) == more.tables.end())
            more.tables.push_back(named.table);
    }
    if (!about.empty()) {
        seen.table = about.front().table;
        seen.index = about.front().index;
    }
    // The present trace id. The header is made again for each attempt from the same variables.
    if (state.lambda || !request.options.trace_id().empty())
        more.trace_id = trace_header(state.environment, state.lambda, request.options.trace_id());
    seen.client = state.observed_as;
    seen.number = ++state.calls;
    seen.operation = to_string(request.op);
    seen.tables = more.tables;
    seen.label = request.options.label().empty() ? told.relation_path : request.options.label();
    seen.trace_id = more.trace_id;
    seen.region = state.options.region;
    seen.started = started;
    observe_target();
    state.watcher->on_call_started(seen);
}

void call::observe_target() {
    observed_call& seen = extras().seen;
    http::url const& where = target->pool->endpoint();
    seen.endpoint = target->url;
    seen.host = where.host;
    seen.port = where.port;
}

void call::begin_attempt_observed() {
    extras_t& more = extras();
    observe_target(); // an account's endpoint is known only now
    more.attempt_began = steady::now();
    more.request_bytes = head.size() + separate_body().size();
    attempt_started event;
    event.attempt = tries + 1;
    event.request_bytes = more.request_bytes;
    state.watcher->on_attempt_started(more.seen, event);
}

void call::attempt_observed(http::exchange_result const& result, bool failed) {
    extras_t const& more = extras();
    attempt_finished event;
    event.attempt = tries;
    event.sent = result.sent || !result.code;
    event.reused_connection = result.reused;
    event.request_bytes = more.request_bytes;
    event.took = steady::now() - more.attempt_began;
    if (!result.code) {
        event.http_status = result.answer.status();
        event.request_id = result.answer.head().request_id;
        event.response_bytes = result.answer.body().size();
    }
    if (failed) {
        event.code = code_;
        event.service_code = info_->service_code;
    } else {
        event.capacity = more.capacity.usage();
    }
    state.watcher->on_attempt_finished(more.seen, event);
}

void call::retry_observed() {
    retry_scheduled event;
    event.attempt = tries;
    event.code = code_;
    event.service_code = info_->service_code;
    event.delay = std::chrono::ceil<std::chrono::nanoseconds>(delay);
    state.watcher->on_retry(extras().seen, event);
}

void call::end_observed(bool failed) {
    extras_t const& more = extras();
    call_finished event;
    event.attempts = attempts + more.hedges;
    event.took = steady::now() - started;
    if (failed) {
        event.code = code_;
        event.service_code = info_->service_code;
        event.outcome_unknown = info_->outcome_unknown;
    } else {
        event.capacity = more.capacity.usage();
    }
    state.watcher->on_call_finished(more.seen, event);
}

void call::count_hedge(std::chrono::nanoseconds after, bool won) {
    ++extras().hedges;
    if (state.watcher == nullptr) return;
    hedge_finished event;
    event.after = after;
    event.won = won;
    state.watcher->on_hedge(extras().seen, event);
}

void call::account(std::string_view answer) {
    if (!asks_for_capacity(request.body)) return;
    capacity_report reported;
    add_consumed_capacity(answer, kind_of(request.op, request.body), reported);
    if (capacity_report* const sum = request.options.account()) sum->add(reported);
    if (state.watcher != nullptr) extras().capacity.add(reported);
}

} // namespace dynasio::dynamodb::detail
