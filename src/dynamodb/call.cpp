#include "call.hpp"

#include <dynasio/dynamodb/capacity.hpp>
#include <dynasio/dynamodb/detail/clock_skew.hpp>
#include <dynasio/dynamodb/detail/crc32.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/http/detail/storage_pool.hpp>

#include <dynasio/core/detail/hex.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "consumed_capacity.hpp"
#include "rate_turn.hpp"
#include "recursion_trace.hpp"

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

constexpr std::string_view target_prefix = "DynamoDB_20120810.";
constexpr std::string_view streams_target_prefix = "DynamoDBStreams_20120810.";

/// Heads are written with these functions into a buffer on the stack. Appending to a string piece by piece costs
/// several times as much.
char* put(char* at, std::string_view text) noexcept {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}
char* put_number(char* at, std::size_t value) noexcept { return std::to_chars(at, at + 20, value).ptr; }

bool is_timeout(error_code code) noexcept {
    return code == transport_errc::connect_timeout || code == transport_errc::attempt_timeout;
}

bool is_transient(error_code code) noexcept {
    return is_timeout(code) || code == transport_errc::resolve_failed || code == transport_errc::connect_failed ||
           code == transport_errc::connection_lost || code == transport_errc::proxy_failed;
}

/// Sending a cancelled transaction again helps when every reason passes by itself. Otherwise the same reason would
/// cancel it again.
aws::attempt_outcome outcome_of_cancellation(std::vector<cancellation_reason> const& reasons) noexcept {
    auto outcome = aws::attempt_outcome::permanent_error;
    for (cancellation_reason const& reason : reasons) {
        if (!reason.failed()) continue;
        switch (service_code_of(reason)) {
        case service_errc::transaction_conflict:
            if (outcome == aws::attempt_outcome::permanent_error) outcome = aws::attempt_outcome::transient_error;
            break;
        case service_errc::throttling:
        case service_errc::provisioned_throughput_exceeded:
            outcome = aws::attempt_outcome::throttling_error;
            break;
        default:
            return aws::attempt_outcome::permanent_error;
        }
    }
    return outcome;
}

/// Whether the answer says that it is a page for people. Other types are not judged, because some servers that are
/// compatible with DynamoDB send none or another one. The first letter decides for nearly every answer.
bool declares_page(std::string_view type) noexcept {
    constexpr std::string_view page = "text/html";
    if (type.size() < page.size() || (type.front() | 0x20) != 't') [[likely]]
        return false;
    return std::equal(page.begin(), page.end(), type.begin(),
                      [](char expected, char c) { return c == expected || c == expected - 'a' + 'A'; });
}

/// Whether the service answers the operation with an empty body: the two operations without an output in its model.
bool answers_with_nothing(operation op) noexcept {
    return op == operation::tag_resource || op == operation::untag_resource;
}

/// Why a body of status 200 is no answer of DynamoDB's; empty when it is one, that is one complete JSON object.
[[gnu::noinline]] std::string reason_against(operation op, http::response_head const& answer, std::string_view body) {
    if (body == "{}" && !declares_page(answer.content_type)) return {};
    std::string found;
    if (declares_page(answer.content_type)) {
        found = "the answer is a page of HTML";
    } else if (body.empty()) {
        if (answers_with_nothing(op)) return {};
        found = "the body of the answer is empty";
    } else {
        try {
            json_reader in(body);
            if (in.peek() != json_reader::kind::object) in.fail("expected an object");
            in.skip_value();
            in.finish();
            return {};
        } catch (error const& e) {
            found = "the body of the answer is no complete JSON object: " + e.info().message;
        }
    }
    return found + "; look for what answers in DynamoDB's place (a proxy, a load balancer, a login page)";
}

} // namespace

call::call(engine_state& s, raw_request&& r)
    : state(s), request(std::move(r)), machine(s.retry, s.quota, request.options.attempts()),
      target(&s.targets.regional()), max_tries_(machine.max_attempts()) {}

void call::begin(http::deadline* until) {
    if (max_tries_ == 0) {
        diagnostics d;
        d.operation = to_string(request.op);
        d.message = "call_options::attempts(0) would send nothing; 1 switches retries off";
        throw_error(errc::invalid_argument, std::move(d));
    }
    started = now_ = steady::now();
    if (until == nullptr) {
        until = &own_deadline.emplace(state.deadlines, state.deadline_of(request.options, started), started);
    }
    deadline = until;
    if (is_of_streams(request.op)) [[unlikely]]
        target = &state.targets.streams();
    if (wants_capacity()) [[unlikely]]
        ask_for_capacity();
    state.begin_work();
    begun_ = true;
}

call::~call() {
    state.strings.put(std::move(request.body));
    release_text();
    if (!begun_) return;
    if (call_cost* const cost = request.options.cost()) {
        unsigned const hedges = extras_ ? extras_->hedges : 0;
        cost->requests += tries + hedges + resent;
        cost->hedges += hedges;
        cost->retries += (tries > 1 ? tries - 1 : 0) + resent;
        cost->latency += steady::now() - started;
    }
    state.end_work();
}

void call::ask_for_capacity() {
    auto const wanted = request.options.account() != nullptr ? capacity_detail::indexes : state.options.capacity;
    if (wanted != capacity_detail::none)
        detail::ask_for_capacity(request.body, wanted);
    else if (request.report_capacity) // whose sender does not ask in the body
        append_capacity_wish(request.body, capacity_detail::total);
    else if (!mentions_capacity(request.body)) // the weakest wish: what the request itself says stands before it
        append_capacity_wish(request.body, capacity_detail::total);
}

request_targets const& call::targets() {
    auto& known = extras().targets;
    if (known) return *known;
    request_subject const& about = request.about;
    if (about.tell == nullptr) return known.emplace(read_request_targets(request.op, request.body, state.partitions));
    known.emplace();
    try {
        about.tell(about, request.body, state.options.table_prefix, *known);
    } catch (error const&) {
        known->targets.clear(); // what cannot be told is treated as a request about nothing in particular
    }
    known->kind = kind_of(request.op, request.body);
    for (request_target const& told : known->targets)
        if (!told.partition_name.empty()) state.partitions.learn(told.table, told.index, told.partition_name);
    return *known;
}

bool call::held_back() {
    if (!takes_capacity(request.op)) return false;
    auto const now = steady::now();
    extras_t& more = extras();
    more.sent_at = now;
    more.holding = nullptr;
    if (throttled_) {
        // This call was throttled itself and has waited in its retry pause, so it goes now. The view counts its turn,
        // and the requests behind it keep their distance to it.
        state.throttles.pass(targets(), now);
        return false;
    }
    more.holding = state.throttles.hold(targets(), more.passed_turns, now);
    if (more.holding != nullptr) return true;
    more.passed_turns.clear();
    return false;
}

void call::note_throttling(error_code said) {
    if (!state.options.throttling.enabled || !takes_capacity(request.op)) return;
    auto const now = steady::now();
    auto const sent = extras().sent_at;
    if (said != service_errc::transaction_canceled) {
        state.throttles.on_throttled(targets(), info_->throttling_reasons, sent, now);
        return;
    }
    // The reason at an index is that of the action at the same index.
    auto const& reasons = info_->cancellation_reasons;
    auto const& all = targets().targets;
    if (reasons.size() != all.size()) return;
    request_targets refused;
    refused.kind = targets().kind;
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        if (reasons[i].code == "ThrottlingError" || reasons[i].code == "ProvisionedThroughputExceeded")
            refused.targets.push_back(all[i]);
    }
    if (!refused.targets.empty()) state.throttles.on_throttled(refused, {}, sent, now);
}

void call::choose_endpoint() {
    error_code refused;
    std::string message;
    try {
        target = &state.targets.choose(state.credentials, request.op, request.body);
        signed_with_ = state.credentials.generation();
    } catch (error const& e) {
        refused = e.code();
        message = e.info().message;
    }
    if (refused) fail(refused, std::move(message));
}

bool call::may_sign() const {
    return state.credentials.usable(state.options.clock()) &&
           (!state.targets.by_account(request.op) || signed_with_ == state.credentials.generation());
}

http::detail::exchange_terms call::terms() const noexcept {
    http::detail::exchange_terms result;
    result.repeatable = repeatable();
    result.kind = request.options.traffic().value_or(request.kind);
    result.large_answer = state.large_answers[static_cast<std::size_t>(request.op)];
    result.now = now_;
    result.timeout = request.options.attempt_timeout().value_or(state.options.attempt_timeout);
    return result;
}

void call::write_text() {
    sign();
    if (body_behind_head()) head += request.body;
}

bool call::write_text_for(http::detail::pending_exchange& exchange) {
    if (!head.empty()) return true; // written earlier, because an observer needs its size
    if (exchange.is_resend()) {
        time_has_passed();
        if (!may_sign()) {
            exchange.give_up();
            return false;
        }
    }
    write_text();
    return true;
}

void call::sign() {
    if (head.capacity() <= std::string().capacity()) head = state.heads.take();
    auto const& keys = state.credentials.current();
    constexpr std::size_t other_lines = 1024;
    string_store::make_room(head, target->fixed_head.size() + other_lines + keys.access_key_id().size() +
                                      keys.session_token().size() + (body_behind_head() ? request.body.size() : 0));
    std::string_view const name = to_string(request.op);
    char text[320]; // 200 bytes and the name of an operation, at most 64
    char* at = put(text, is_of_streams(request.op) ? streams_target_prefix : target_prefix);
    at = put(at, name);
    std::string_view const operation(text, static_cast<std::size_t>(at - text));
    at = put(at, "\r\nContent-Length: ");
    at = put_number(at, request.body.size());
    at = put(at, "\r\nAmz-Sdk-Invocation-Id: ");
    at = put_invocation_id(at);
    at = put(at, "\r\nAmz-Sdk-Request: attempt=");
    at = put_number(at, tries + 1);
    at = put(at, "; max=");
    at = put_number(at, max_tries_);
    at = put(at, "\r\n");
    head.assign(target->fixed_head);
    head.append(text, at);
    if (state.lambda || !request.options.trace_id().empty()) [[unlikely]]
        append_trace_id();

    signed_offset_ = state.clock_offset;
    signed_at_ = system_now() + signed_offset_;
    signed_with_ = state.credentials.generation();
    target->signer.sign_prepared(operation, request.body, keys, signed_at_, head);
    head += "\r\n";
}

void call::append_trace_id() {
    std::string const id = trace_header(state.environment, state.lambda, request.options.trace_id());
    if (id.empty()) return;
    head += "X-Amzn-Trace-Id: ";
    head += id;
    head += "\r\n";
}

system_time call::system_now() {
    if (!system_now_) system_now_ = state.options.clock();
    return *system_now_;
}

call::step call::judge(http::exchange_result& result) {
    time_has_passed();
    auto const next = judge_attempt(result);
    if (state.turns) state.turns->on_attempt_end(throttled_);
    if (state.watcher != nullptr) [[unlikely]] {
        attempt_observed(result, next != step::done);
        if (next == step::done) end_observed(false);
    }
    return next;
}

void call::break_off(bool may_have_sent) {
    release_text();
    http::exchange_result cancelled;
    cancelled.code = asio::error::operation_aborted;
    cancelled.sent = may_have_sent;
    static_cast<void>(judge(cancelled));
}

call::step call::judge_attempt(http::exchange_result& result) {
    ++tries;
    throttled_ = false;
    if (result.sent || !result.code) ++attempts;
    // The exchange sent the request twice. Whatever the answer to the second sending is, the first may have taken
    // effect.
    ambiguous_ = ambiguous_ || result.resent;
    if (result.resent) ++resent;
    if (result.code) return judge_failed_exchange(result);

    auto const op = static_cast<std::size_t>(request.op);
    ++state.counts.by_operation[op];
    http::response_head const& answer = result.answer.head();
    std::string_view const body = result.answer.body();
    bool const identity = answer.content_encoding.empty() || answer.content_encoding == "identity";
    if (state.options.verify_checksums && answer.crc32 && crc32(body) != *answer.crc32) {
        // Only the service computes this checksum, so the service has acted on the request, whatever the status is.
        note(errc::checksum_mismatch, answer, {});
        return after(aws::attempt_outcome::transient_error, true, answer.retry_after);
    }
    if (answer.status == 200) {
        if (!identity) {
            note(errc::malformed_response, answer,
                 "the answer is compressed although that was not asked for: look for a proxy that does it");
            after(aws::attempt_outcome::permanent_error, true, {});
            return step::fail;
        }
        if (!request.reads_whole_answer || declares_page(answer.content_type)) {
            if (std::string reason = reason_against(request.op, answer, body); !reason.empty()) [[unlikely]] {
                note(errc::malformed_response, answer, std::move(reason));
                after(aws::attempt_outcome::permanent_error, true, {});
                return step::fail;
            }
        }
        state.large_answers[op] = body.size() > http::detail::storage_pool::small_body;
        static_cast<void>(machine.on_attempt_end(aws::attempt_outcome::success, 0.0)); // refunds the quota
        if (ambiguous_ && request.repeated_in_doubt != nullptr) *request.repeated_in_doubt = true;
        if (state.throttles.any() && takes_capacity(request.op)) state.throttles.on_success(targets(), steady::now());
        if (request.op == operation::describe_table || request.op == operation::create_table) [[unlikely]]
            state.partitions.learn_from_description(body);
        if ((request.options.account() != nullptr || state.watcher != nullptr) && takes_capacity(request.op))
            account(body);
        return step::done;
    }
    if (answer.status > 200 && answer.status < 300) {
        // The service's only status of success is 200, so this answer is a proxy's. The service may still have acted on
        // the request.
        note(errc::malformed_response, answer,
             "the answer has a status of success that DynamoDB does not give: look for a proxy that does");
        after(aws::attempt_outcome::permanent_error, true, {});
        return step::fail;
    }
    return judge_service_error(answer, identity ? body : std::string_view());
}

void call::fail() {
    diagnostics& d = *info_;
    fill(d);
    // The outcome is known if every attempt was refused or not sent.
    d.outcome_unknown = ambiguous_ && kind_of(request.op, request.body) == capacity_kind::write;
    if (d.outcome_unknown) {
        if (!d.message.empty()) d.message += "; ";
        d.message += last_ambiguous_ || attempts < 2 ? "the request may have been carried out: read the item to see"
                                                     : "an earlier attempt of this call may have been carried out: "
                                                       "read the item before you believe this error";
    }
    // The end is reported only if the beginning was. warm_up() uses a call that is never reported.
    if (extras_ && extras_->seen.number != 0) end_observed(true);
    throw error(code_, std::move(d));
}

void call::fail(error_code with, std::string message) {
    if (!info_) info_ = std::make_unique<diagnostics>();
    code_ = with;
    if (!message.empty() && !info_->message.empty()) message += "; before that: " + info_->message;
    if (!message.empty()) info_->message = std::move(message);
    last_ambiguous_ = false;
    fail();
}

void call::take_over_answer(diagnostics const& said) {
    if (said.service_code.empty()) return;
    if (!info_) info_ = std::make_unique<diagnostics>();
    info_->service_code = said.service_code;
    info_->service_message = said.service_message;
    info_->request_id = said.request_id;
    info_->http_status = said.http_status;
}

void call::check(asio::cancellation_type cancelled, std::string_view doing) {
    if (cancelled != asio::cancellation_type::none) fail(asio::error::operation_aborted, {});
    if (state.closed) fail(errc::client_closed, "the client was closed while " + std::string(doing));
    if (deadline->expired()) fail(errc::deadline_exceeded, "the deadline passed while " + std::string(doing));
}

call::step call::judge_failed_exchange(http::exchange_result& result) {
    bool const sent = result.sent;
    std::unique_ptr<diagnostics> const before = std::move(info_);
    info_ = std::make_unique<diagnostics>();
    info_->message = std::move(result.message);
    code_ = result.code;
    if (before && !is_transient(code_)) {
        // The service's earlier answer explains more than the way in which the last attempt was interrupted.
        info_->service_code = before->service_code;
        info_->service_message = before->service_message;
        info_->request_id = before->request_id;
        info_->http_status = before->http_status;
    }
    auto const outcome = is_timeout(code_)     ? aws::attempt_outcome::timeout_error
                         : is_transient(code_) ? aws::attempt_outcome::transient_error
                                               : aws::attempt_outcome::permanent_error;
    return after(outcome, sent, {});
}

call::step call::judge_service_error(http::response_head const& answer, std::string_view body) {
    service_error said = read_service_error(answer.status, answer.error_type, body);
    auto outcome = aws::classify(answer.status, said.name);
    if (request.repeats_cancelled && said.code == service_errc::transaction_canceled)
        outcome = outcome_of_cancellation(said.cancellation_reasons);
    std::string stranger;
    if (said.name.empty()) {
        http::proxy const& via = target->pool->options().proxy;
        stranger = "the answer names no error of DynamoDB's: ";
        stranger += via ? "look at the proxy " + via.address().authority() + ", which may have answered in its place"
                        : "look at what stands before it (a proxy, a load balancer), or whether the endpoint is "
                          "DynamoDB at all";
    }
    note(said.code, answer, std::move(stranger));
    info_->service_code = std::move(said.name);
    info_->service_message = std::move(said.message);
    info_->item = std::move(said.item);
    info_->throttling_reasons = std::move(said.throttling_reasons);
    info_->cancellation_reasons = std::move(said.cancellation_reasons);
    throttled_ = outcome == aws::attempt_outcome::throttling_error;
    if (throttled_ || said.code == service_errc::transaction_canceled) note_throttling(said.code);
    if (said.code == service_errc::replicated_write_conflict && outcome == aws::attempt_outcome::permanent_error)
        outcome = aws::attempt_outcome::transient_error;
    bool const may_have_acted = answer.status >= 500 && outcome != aws::attempt_outcome::throttling_error;

    if (tries < max_tries_ && outcome == aws::attempt_outcome::permanent_error) {
        if (!renewed_credentials_ &&
            (said.code == service_errc::expired_token || said.code == service_errc::unrecognized_client)) {
            renewed_credentials_ = true;
            state.credentials.drop(signed_with_);
            again_at_once();
            return step::again;
        }
        if (!corrected_clock_) {
            auto const correction = clock_correction(info_->service_code, parse_http_date(answer.date), signed_at_);
            if (correction) {
                corrected_clock_ = true;
                // The correction is added to the offset that this attempt used, because another call may have corrected
                // the same error already.
                state.clock_offset = signed_offset_ + *correction;
                again_at_once();
                return step::again;
            }
        }
    }
    return after(outcome, may_have_acted, answer.retry_after);
}

void call::note(error_code with, http::response_head const& answer, std::string message) {
    code_ = with;
    info_ = std::make_unique<diagnostics>();
    info_->message = std::move(message);
    info_->request_id = answer.request_id;
    info_->http_status = answer.status;
}

call::step call::after(aws::attempt_outcome outcome, bool may_have_acted, std::string_view retry_after) {
    last_ambiguous_ = may_have_acted;
    ambiguous_ = ambiguous_ || may_have_acted;
    std::optional<std::string_view> const asked =
        retry_after.empty() ? std::nullopt : std::optional<std::string_view>(retry_after);
    bool const unsafe = may_have_acted && !repeatable() && !request.options.repeat_unsafe_writes();
    if (unsafe) outcome = aws::attempt_outcome::permanent_error;
    auto const decision = machine.on_attempt_end(outcome, state.jitter(), asked);
    delay = decision.delay;
    if (decision.retry && request.retries != nullptr) request.retries->push_back(std::chrono::steady_clock::now());
    return decision.retry ? step::again : step::fail;
}

void call::again_at_once() {
    machine.repeat_at_once();
    last_ambiguous_ = false;
    delay = {};
}

std::string call::table() const {
    // The sender of a request that says what it is about adds the table itself; asking would cost more than it tells.
    return request.about.tell == nullptr ? table_of(request.body) : std::string();
}

void call::fill(diagnostics& d) {
    d.operation = to_string(request.op);
    d.table = table();
    d.attempts = attempts + (extras_ ? extras_->hedges : 0);
}

char* call::put_invocation_id(char* at) {
    if (id_high_ == 0) {
        id_high_ = state.random.next() | 1;
        id_low_ = state.random.next();
    }
    std::array<unsigned char, 16> bytes;
    std::memcpy(bytes.data(), &id_high_, 8);
    std::memcpy(bytes.data() + 8, &id_low_, 8);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    std::array<char, 32> digits;
    dynasio::detail::to_hex<16>(bytes.data(), digits.data());
    // The groups 8-4-4-4-12 are copied four characters at a time.
    auto const group = [&digits](char* to, std::size_t i) { std::memcpy(to, digits.data() + 4 * i, 4); };
    group(at, 0);
    group(at + 4, 1);
    at[8] = '-';
    group(at + 9, 2);
    at[13] = '-';
    group(at + 14, 3);
    at[18] = '-';
    group(at + 19, 4);
    at[23] = '-';
    group(at + 24, 5);
    group(at + 28, 6);
    group(at + 32, 7);
    at += 36;
    return at;
}

} // namespace dynasio::dynamodb::detail
