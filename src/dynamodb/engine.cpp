#include <dynasio/dynamodb/detail/clock_skew.hpp>
#include <dynasio/dynamodb/detail/crc32.hpp>
#include <dynasio/dynamodb/detail/credential_cache.hpp>
#include <dynasio/dynamodb/detail/endpoint.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/detail/service_error.hpp>

#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/deadline.hpp>

#include <dynasio/aws/retry.hpp>
#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/version.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <exception>
#include <limits>
#include <mutex>
#include <random>
#include <vector>

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

constexpr std::string_view content_type = "application/x-amz-json-1.0";
constexpr std::string_view target_prefix = "DynamoDB_20120810.";

// A string grown by one huge batch would stay that large for ever.
constexpr std::size_t max_kept_capacity = 256 * 1024;
constexpr std::size_t max_kept_strings = 512;
constexpr std::size_t max_body_behind_head = 8 * 1024;

/// Jitter and invocation ids need spread, not secrecy (splitmix64).
class random_numbers {
public:
    random_numbers() {
        std::random_device device;
        state_ = (static_cast<std::uint64_t>(device()) << 32) ^ device();
    }
    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

/// Held for a few instructions: borrowing a string may happen on any thread, also by mistake.
class spin_lock {
public:
    void lock() noexcept {
        while (flag_.test_and_set(std::memory_order_acquire)) {
        }
    }
    void unlock() noexcept { flag_.clear(std::memory_order_release); }

private:
    std::atomic_flag flag_;
};

class string_store {
public:
    string_store() { free_.reserve(max_kept_strings); }
    std::string take() {
        std::lock_guard const guard(lock_);
        if (free_.empty()) return {};
        std::string out = std::move(free_.back());
        free_.pop_back();
        return out;
    }
    void put(std::string text) noexcept {
        // Inside the object itself: nothing to keep.
        if (text.capacity() <= std::string().capacity() || text.capacity() > max_kept_capacity) return;
        text.clear();
        std::lock_guard const guard(lock_);
        if (free_.size() < max_kept_strings) free_.push_back(std::move(text)); // reserved: does not allocate
    }

private:
    spin_lock lock_;
    std::vector<std::string> free_;
};

using auto_unlink =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::link_mode_type::auto_unlink>>;

/// A coroutine that waits for time or for being woken.
class parked final : public http::interruptible, public auto_unlink {
public:
    parked(asio::any_io_executor const& executor, steady::time_point at, http::deadline& until)
        : timer(executor, at), until_(until) {
        until_.watch(this);
    }
    ~parked() { until_.watch(nullptr); }
    parked(parked const&) = delete;
    parked& operator=(parked const&) = delete;

    void interrupt() noexcept override { wake(); }
    void wake() noexcept { timer.cancel(); }

    asio::steady_timer timer;

private:
    http::deadline& until_;
};
using parked_list = boost::intrusive::list<parked, boost::intrusive::constant_time_size<false>>;

void wake_all(parked_list& list) noexcept {
    while (!list.empty()) {
        parked& front = list.front();
        list.pop_front();
        front.wake();
    }
}

asio::awaitable<void> park(parked_list& list, steady::time_point at, http::deadline& until) {
    auto const executor = co_await asio::this_coro::executor;
    parked self(executor, at, until);
    list.push_back(self);
    co_await self.timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<aws::credentials> ask(std::shared_ptr<aws::credentials_provider const> provider) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto asked = (*provider)();
    co_return co_await std::move(asked);
}

/// Access key and token become header text, so that nothing but printable characters may pass.
bool fit_for_headers(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void append_number(std::string& out, std::size_t value) {
    char text[24];
    auto const end = std::to_chars(text, text + sizeof(text), value).ptr;
    out.append(text, end);
}

bool is_transient(error_code code) noexcept {
    return code == transport_errc::resolve_failed || code == transport_errc::connect_failed ||
           code == transport_errc::connect_timeout || code == transport_errc::connection_lost;
}

} // namespace

struct engine_state {
    engine_state(asio::any_io_executor ex, resolved_options resolved)
        : executor(std::move(ex)), options(std::move(resolved.options)),
          provider(std::make_shared<aws::credentials_provider const>(options.credentials)),
          authority(resolved.endpoint.authority()), path(resolved.endpoint.path),
          pool(http::connection_pool::create(executor, resolved.endpoint, options.pool)), deadlines(executor),
          signer(resolved.signing_region, "dynamodb"), quota(options.retry.quota) {
        fixed_head = "POST " + path + " HTTP/1.1\r\nHost: " + authority + "\r\nContent-Type: ";
        fixed_head += content_type;
        fixed_head += "\r\nUser-Agent: ";
        fixed_head += "dynasio/";
        fixed_head += version_text;
        fixed_head += "\r\nAccept-Encoding: identity\r\nX-Amz-Target: ";
    }

    double jitter() noexcept { return static_cast<double>(random.next() >> 11) * 0x1.0p-53; }
    steady::time_point deadline_of(call_options const& call, steady::time_point start) const noexcept {
        auto const timeout = call.timeout().value_or(options.timeout);
        // A time-out that reaches past the end of the clock's range is none.
        auto const longest = steady::time_point::max() - start;
        return timeout < longest ? start + timeout : steady::time_point::max();
    }

    asio::any_io_executor executor;
    client_options options;
    std::shared_ptr<aws::credentials_provider const> provider;
    std::string authority;
    std::string path;
    std::string fixed_head; ///< Up to the name of the operation.
    std::shared_ptr<http::connection_pool> pool;
    http::deadline_queue deadlines;
    aws::signer signer;
    aws::retry_quota quota;
    random_numbers random;
    string_store strings;
    request_counts counts;
    parked_list sleepers;
    bool closed = false;

    credential_cache credentials;
    parked_list credential_waiters;
    std::uint64_t fetches_ended = 0;
    std::uint64_t last_failed_fetch = std::numeric_limits<std::uint64_t>::max();
    std::exception_ptr fetch_error;
    std::shared_ptr<asio::cancellation_signal> fetch_cancellation;

    std::chrono::milliseconds clock_offset{0}; ///< Service's clock less ours, once they proved to differ.
};

namespace {

/// Starts one call of the provider, beside every caller: cancelling or losing a caller does not lose the credentials
/// for the others.
void start_fetch(std::shared_ptr<engine> const& self, engine_state& state) {
    auto cancellation = std::make_shared<asio::cancellation_signal>();
    state.fetch_cancellation = cancellation;
    auto done = [weak = std::weak_ptr<engine>(self), &state, cancellation](std::exception_ptr e,
                                                                           aws::credentials value) {
        auto const alive = weak.lock();
        if (!alive) return;
        try {
            if (e) std::rethrow_exception(e);
            if (value.access_key_id().empty() || value.secret_access_key().empty())
                throw_error(errc::no_credentials, "the credentials provider gave an empty access key or secret");
            if (!fit_for_headers(value.access_key_id()) || !fit_for_headers(value.session_token()))
                throw_error(errc::no_credentials,
                            "the credentials provider gave an access key or session token with characters that fit no "
                            "header: look for blanks and line ends in it");
            if (value.expires_at && *value.expires_at <= state.options.clock())
                throw_error(errc::no_credentials, "the credentials provider gave credentials that have expired");
            state.credentials.fetched(std::move(value));
        } catch (...) {
            state.fetch_error = std::current_exception();
            state.last_failed_fetch = state.fetches_ended;
            state.credentials.failed(state.options.clock());
        }
        ++state.fetches_ended;
        state.fetch_cancellation.reset();
        wake_all(state.credential_waiters);
    };
    asio::co_spawn(state.executor, ask(state.provider),
                   asio::bind_cancellation_slot(cancellation->slot(), std::move(done)));
}

/// The state of one call: what it sent, how that ended, and what is said about it when it fails.
class call {
public:
    call(engine_state& s, raw_request&& r, http::deadline* until)
        : state(s), request(std::move(r)), policy(s.options.retry), machine(policy, s.quota), started(steady::now()) {
        if (request.options.attempts()) policy.max_attempts = std::max(1u, *request.options.attempts());
        max_tries = policy.max_attempts;
        if (until == nullptr) {
            until = &own_deadline.emplace(s.deadlines, s.deadline_of(request.options, started));
        }
        deadline = until;
    }
    ~call() {
        if (call_cost* const cost = request.options.cost()) {
            cost->requests += tries;
            cost->retries += tries > 1 ? tries - 1 : 0;
            cost->latency += steady::now() - started;
        }
        state.strings.put(std::move(request.body));
        state.strings.put(std::move(head));
    }
    call(call const&) = delete;
    call& operator=(call const&) = delete;

    enum class step { done, again, fail };

    /// Writes the head of the next attempt.
    void sign() {
        if (head.capacity() <= std::string().capacity()) head = state.strings.take();
        head.assign(state.fixed_head);
        auto const target_begin = head.size();
        head += target_prefix;
        head += to_string(request.op);
        auto const target_size = head.size() - target_begin;
        head += "\r\nContent-Length: ";
        append_number(head, request.body.size());
        head += "\r\nAmz-Sdk-Invocation-Id: ";
        append_invocation_id();
        head += "\r\nAmz-Sdk-Request: attempt=";
        append_number(head, tries + 1);
        head += "; max=";
        append_number(head, max_tries);
        head += "\r\n";

        // The views must not point into what the signer appends to.
        char target[64];
        std::copy_n(head.data() + target_begin, target_size, target);
        aws::header_view const headers[] = {{"content-type", content_type},
                                            {"host", state.authority},
                                            {"x-amz-target", std::string_view(target, target_size)}};
        aws::signable_request signable;
        signable.path = state.path;
        signable.headers = headers;
        signable.body = request.body;
        signed_offset = state.clock_offset;
        signed_at = state.options.clock() + signed_offset;
        signed_with = state.credentials.generation();
        state.signer.sign(signable, state.credentials.current(), signed_at, head);
        head += "\r\n";
    }

    /// Judges how an attempt ended.
    step judge(http::exchange_result& result) {
        ++tries;
        if (result.sent || !result.code) ++attempts;
        if (result.code) return judge_failed_exchange(result);

        ++state.counts.by_operation[static_cast<std::size_t>(request.op)];
        http::response_head const& answer = result.answer.head();
        std::string_view const body = result.answer.body();
        bool const identity = answer.content_encoding.empty() || answer.content_encoding == "identity";
        if (state.options.verify_checksums && answer.crc32 && crc32(body) != *answer.crc32) {
            // The service acted, whatever the status is.
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
            static_cast<void>(machine.on_attempt_end(aws::attempt_outcome::success, 0.0)); // refunds the quota
            return step::done;
        }
        return judge_service_error(answer, identity ? body : std::string_view());
    }

    [[noreturn]] void fail() {
        diagnostics& d = *info;
        fill(d);
        // Not when the last attempt was refused cleanly and no other one was sent.
        d.outcome_unknown = !is_read(request.op) && ambiguous;
        if (d.outcome_unknown) {
            if (!d.message.empty()) d.message += "; ";
            d.message += last_ambiguous || attempts < 2 ? "the request may have been carried out: read the item to see"
                                                        : "an earlier attempt of this call may have been carried out: "
                                                          "read the item before you believe this error";
        }
        throw error(code, std::move(d));
    }
    /// The same for what ends a call from outside.
    [[noreturn]] void fail(error_code with, std::string message) {
        if (!info) info = std::make_unique<diagnostics>();
        code = with;
        if (!message.empty() && !info->message.empty()) message += "; before that: " + info->message;
        if (!message.empty()) info->message = std::move(message);
        last_ambiguous = false;
        fail();
    }

    /// Throws if the call is to end now.
    void check(asio::cancellation_type cancelled, std::string_view doing) {
        if (cancelled != asio::cancellation_type::none) fail(asio::error::operation_aborted, {});
        if (state.closed) fail(errc::client_closed, "the client was closed while " + std::string(doing));
        if (deadline->expired()) fail(errc::deadline_exceeded, "the deadline passed while " + std::string(doing));
    }

    engine_state& state;
    raw_request request;
    aws::retry_options policy;
    aws::retry_machine machine;
    steady::time_point started;
    std::optional<http::deadline> own_deadline;
    http::deadline* deadline = nullptr;
    std::string head;
    unsigned tries = 0;
    unsigned attempts = 0;    ///< Tries that reached the network.
    aws::retry_delay delay{}; ///< Before the next attempt, after step::again.

private:
    step judge_failed_exchange(http::exchange_result& result) {
        bool const sent = result.sent;
        std::unique_ptr<diagnostics> const before = std::move(info);
        info = std::make_unique<diagnostics>();
        info->message = std::move(result.message);
        code = result.code;
        if (before && !is_transient(code)) {
            // What the service said before explains more than how the last attempt was cut short.
            info->service_code = before->service_code;
            info->service_message = before->service_message;
            info->request_id = before->request_id;
            info->http_status = before->http_status;
        }
        bool const transient = is_transient(code);
        return after(transient ? aws::attempt_outcome::transient_error : aws::attempt_outcome::permanent_error, sent,
                     {});
    }

    step judge_service_error(http::response_head const& answer, std::string_view body) {
        service_error said = read_service_error(answer.status, answer.error_type, body);
        auto outcome = aws::classify(answer.status, said.name);
        note(said.code, answer,
             said.name.empty()
                 ? "the answer names no error of DynamoDB's: look at what stands before it (a proxy, a load "
                   "balancer), or whether the endpoint is DynamoDB at all"
                 : "");
        info->service_code = std::move(said.name);
        info->service_message = std::move(said.message);
        info->item = std::move(said.item);
        if (said.code == service_errc::replicated_write_conflict && outcome == aws::attempt_outcome::permanent_error)
            outcome = aws::attempt_outcome::transient_error;
        bool const may_have_acted = answer.status >= 500 && outcome != aws::attempt_outcome::throttling_error;

        if (tries < max_tries && outcome == aws::attempt_outcome::permanent_error) {
            if (!renewed_credentials &&
                (said.code == service_errc::expired_token || said.code == service_errc::unrecognized_client)) {
                renewed_credentials = true;
                state.credentials.drop(signed_with);
                return again_at_once();
            }
            if (!corrected_clock) {
                auto const correction = clock_correction(info->service_code, parse_http_date(answer.date), signed_at);
                if (correction) {
                    corrected_clock = true;
                    // From what this attempt used: another call may have corrected the same error already.
                    state.clock_offset = signed_offset + *correction;
                    return again_at_once();
                }
            }
        }
        return after(outcome, may_have_acted, answer.retry_after);
    }

    /// Remembers an answer that was no success.
    void note(error_code with, http::response_head const& answer, std::string message) {
        code = with;
        info = std::make_unique<diagnostics>();
        info->message = std::move(message);
        info->request_id = answer.request_id;
        info->http_status = answer.status;
    }

    step after(aws::attempt_outcome outcome, bool may_have_acted, std::string_view retry_after) {
        last_ambiguous = may_have_acted;
        ambiguous = ambiguous || may_have_acted;
        std::optional<std::string_view> const asked =
            retry_after.empty() ? std::nullopt : std::optional<std::string_view>(retry_after);
        bool const unsafe =
            may_have_acted && !request.repeatable && !is_read(request.op) && !request.options.repeat_unsafe_writes();
        if (unsafe) outcome = aws::attempt_outcome::permanent_error;
        auto const decision = machine.on_attempt_end(outcome, state.jitter(), asked);
        delay = decision.delay;
        return decision.retry ? step::again : step::fail;
    }

    /// The next attempt differs from this one, so that it is no matter of pauses and quotas; it is one of max_tries.
    step again_at_once() {
        --policy.max_attempts;
        last_ambiguous = false;
        delay = {};
        return step::again;
    }

    void fill(diagnostics& d) const {
        d.operation = to_string(request.op);
        d.table = table_of(request.body);
        d.attempts = attempts;
    }

    /// A UUID (version 4), the same for all attempts of a call.
    void append_invocation_id() {
        if (tries == 0) {
            id_high = (state.random.next() & ~std::uint64_t{0xf000}) | 0x4000;
            id_low = (state.random.next() & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);
        }
        constexpr char digits[] = "0123456789abcdef";
        char text[36];
        char* at = text;
        for (int i = 0; i < 32; ++i) {
            if (i == 8 || i == 12 || i == 16 || i == 20) *at++ = '-';
            std::uint64_t const half = i < 16 ? id_high : id_low;
            *at++ = digits[(half >> (60 - 4 * (i % 16))) & 15];
        }
        head.append(text, sizeof(text));
    }

    unsigned max_tries = 1;
    std::chrono::milliseconds signed_offset{0};
    system_time signed_at{};
    std::uint64_t signed_with = 0;
    std::uint64_t id_high = 0;
    std::uint64_t id_low = 0;
    error_code code{};
    std::unique_ptr<diagnostics> info{};
    bool ambiguous = false;      ///< Some attempt may have been carried out.
    bool last_ambiguous = false; ///< The last one.
    bool renewed_credentials = false;
    bool corrected_clock = false;
};

/// From within the executor only: emitted elsewhere, Asio (1.81) posts a pointer that the fetch's end invalidates.
void cancel_fetch(engine_state& state) noexcept {
    if (!state.fetch_cancellation) return;
    try {
        asio::dispatch(state.executor, [cancellation = state.fetch_cancellation] {
            cancellation->emit(asio::cancellation_type::terminal);
        });
    } catch (...) {
        // Out of memory: the fetch ends by itself.
    }
}

/// Waits until credentials are there, or throws what the provider threw.
asio::awaitable<void> wait_for_credentials(std::shared_ptr<engine> self, call& c, bool start) {
    engine_state& state = c.state;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    for (;;) {
        if (start) start_fetch(self, state);
        start = false;
        auto const number = state.fetches_ended;
        while (state.fetches_ended == number) {
            auto waiting = park(state.credential_waiters, steady::time_point::max(), *c.deadline);
            co_await std::move(waiting);
            c.check(cancellation.cancelled(), "waiting for credentials");
        }
        if (state.last_failed_fetch != number) {
            auto const action = state.credentials.next(state.options.clock());
            if (action == credential_cache::action::use_and_refresh) start_fetch(self, state);
            if (action == credential_cache::action::use || action == credential_cache::action::use_and_refresh)
                co_return;
            // Refused by the service in the meantime.
            start = action == credential_cache::action::refresh_and_wait;
            continue;
        }
        // The fetch that this call waited for failed: one answer for everybody, not one more fetch for each.
        std::string message;
        error_code code = errc::no_credentials;
        try {
            std::rethrow_exception(state.fetch_error);
        } catch (error const& e) {
            if (e.code() != asio::error::operation_aborted) code = e.code();
            message = e.info().message;
        } catch (boost::system::system_error const& e) {
            message = "the credentials provider failed: " + e.code().message();
        } catch (std::exception const& e) {
            message = "the credentials provider failed: " + std::string(e.what());
        } catch (...) {
            message = "the credentials provider failed";
        }
        if (message.empty()) message = "the credentials provider failed";
        c.fail(code, std::move(message));
    }
}

asio::awaitable<raw_reply> run(std::shared_ptr<engine> self, engine_state& state, raw_request request,
                               http::deadline* until) {
    auto const executor = co_await asio::this_coro::executor;
    if (executor != state.executor) {
        diagnostics d;
        d.operation = to_string(request.op);
        throw_error(errc::wrong_executor, std::move(d));
    }
    call c(state, std::move(request), until);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    error_code unexpected;
    try {
        for (;;) {
            c.check(cancellation.cancelled(), "preparing the request");
            auto const action = state.credentials.next(state.options.clock());
            if (action == credential_cache::action::use_and_refresh) {
                start_fetch(self, state);
            } else if (action != credential_cache::action::use) {
                bool const start = action == credential_cache::action::refresh_and_wait;
                auto waiting = wait_for_credentials(self, c, start);
                co_await std::move(waiting);
            }
            c.sign();
            // A short body behind the head in one buffer costs the system less than a list of two.
            bool const together = c.request.body.size() <= max_body_behind_head;
            if (together) c.head += c.request.body;
            http::request_view const view{c.head, together ? std::string_view() : std::string_view(c.request.body),
                                          c.request.repeatable || is_read(c.request.op)};
            auto exchanging = state.pool->exchange(view, *c.deadline);
            http::exchange_result result = co_await std::move(exchanging);
            auto const step = c.judge(result);
            if (step == call::step::done) {
                raw_reply reply;
                reply.response = std::move(result.answer);
                reply.attempts = c.attempts;
                co_return reply;
            }
            if (step == call::step::fail) c.fail();
            ++state.counts.retries;
            if (c.delay.count() > 0) {
                auto const delay = std::chrono::ceil<steady::duration>(c.delay);
                // Waiting for what cannot start in time would only delay the news.
                if (steady::now() + delay >= c.deadline->at())
                    c.fail(errc::deadline_exceeded, "the deadline passes before the next attempt may start");
                auto const wake_at = steady::now() + delay;
                auto sleeping = park(state.sleepers, wake_at, *c.deadline);
                co_await std::move(sleeping);
                c.check(cancellation.cancelled(), "waiting for the next attempt");
            }
        }
    } catch (error const&) {
        throw;
    } catch (boost::system::system_error const& e) {
        // Asio's own, when a coroutine is awaited after its cancellation.
        unexpected = e.code();
    }
    c.fail(unexpected, {});
}

/// For callers on other executors: the answer's storage stays where the client lives.
asio::awaitable<raw_reply> run_and_detach(std::shared_ptr<engine> self, engine_state& state, raw_request request) {
    auto running = run(std::move(self), state, std::move(request), nullptr);
    raw_reply reply = co_await std::move(running);
    raw_reply out;
    out.attempts = reply.attempts;
    out.detached_body = reply.body();
    out.request_id = reply.response.head().request_id;
    co_return out;
}

asio::awaitable<raw_reply> run_from_anywhere(std::shared_ptr<engine> self, engine_state& state, raw_request request,
                                             http::deadline* until) {
    auto const executor = co_await asio::this_coro::executor;
    if (executor == state.executor) {
        auto running = run(std::move(self), state, std::move(request), until);
        raw_reply reply = co_await std::move(running);
        co_return reply;
    }
    if (until != nullptr)
        throw_error(errc::wrong_executor, "a deadline was given to a call from another executor than its own");
    auto running = run_and_detach(self, state, std::move(request));
    auto hopping = hop_with_result(self, std::move(running));
    raw_reply reply = co_await std::move(hopping);
    co_return reply;
}

/// The executor's owner decides which types of cancellation pass; here all do.
asio::awaitable<void> accept_cancellation(asio::awaitable<void> op) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await std::move(op);
}

/// What co_spawn(executor, op, use_awaitable) would do, but for cancellation: there the signal is owned by the caller's
/// slot and may be gone when it arrives on the other executor.
struct hop_initiation {
    template <class Handler>
    void operator()(Handler&& handler, asio::any_io_executor const& executor, asio::awaitable<void> op) const {
        auto signal = std::make_shared<asio::cancellation_signal>();
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto const caller = asio::get_associated_executor(handler, executor);
        if (slot.is_connected()) {
            slot.assign([signal, executor](asio::cancellation_type type) {
                asio::dispatch(executor, [signal, type] { signal->emit(type); });
            });
        }
        auto done = [handler = std::forward<Handler>(handler), slot, signal](std::exception_ptr e) mutable {
            if (slot.is_connected()) slot.clear();
            std::move(handler)(e);
        };
        asio::co_spawn(executor, accept_cancellation(std::move(op)),
                       asio::bind_cancellation_slot(signal->slot(), asio::bind_executor(caller, std::move(done))));
    }
};

asio::awaitable<void> hop_to(asio::any_io_executor executor, asio::awaitable<void> op) {
    auto hopping = asio::async_initiate<asio::use_awaitable_t<> const, void(std::exception_ptr)>(
        hop_initiation(), asio::use_awaitable, executor, std::move(op));
    co_await std::move(hopping);
}

asio::awaitable<void> sleep_on([[maybe_unused]] std::shared_ptr<engine> self, engine_state& state,
                               steady::duration delay, http::deadline& until) {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    bool const already = cancellation.cancelled() != asio::cancellation_type::none || state.closed || until.expired();
    if (!already) {
        auto const wake_at = steady::now() + delay;
        auto sleeping = park(state.sleepers, wake_at, until);
        co_await std::move(sleeping);
    }
    if (cancellation.cancelled() != asio::cancellation_type::none)
        throw_error(asio::error::operation_aborted, diagnostics());
    if (state.closed) throw_error(errc::client_closed, "the client was closed while waiting");
    if (until.expired()) throw_error(errc::deadline_exceeded, "the deadline passed while waiting");
}

} // namespace

engine::engine(std::unique_ptr<engine_state> s) : state_(std::move(s)) {}

engine::~engine() { cancel_fetch(*state_); }

std::shared_ptr<engine> engine::create(asio::any_io_executor executor, client_options options) {
    return create(std::move(executor), std::move(options), aws::environment::process());
}

std::shared_ptr<engine> engine::create(asio::any_io_executor executor, client_options options,
                                       aws::environment const& env) {
    if (!executor) throw_error(errc::invalid_configuration, "executor: empty");
    auto resolved = resolve(std::move(options), env);
    if (resolved.options.thread_safe) executor = asio::make_strand(std::move(executor));
    auto state = std::make_unique<engine_state>(std::move(executor), std::move(resolved));
    return std::shared_ptr<engine>(new engine(std::move(state)));
}

asio::awaitable<raw_reply> engine::perform(raw_request request, http::deadline* until) {
    if (state_->options.thread_safe) return run_from_anywhere(shared_from_this(), *state_, std::move(request), until);
    return run(shared_from_this(), *state_, std::move(request), until);
}

asio::awaitable<void> engine::sleep(steady::duration delay, http::deadline& until) {
    return sleep_on(shared_from_this(), *state_, delay, until);
}

steady::time_point engine::deadline_of(call_options const& options) const noexcept {
    return state_->deadline_of(options, steady::now());
}

std::string engine::borrow_body() { return state_->strings.take(); }
void engine::give_back(std::string body) noexcept { state_->strings.put(std::move(body)); }

void engine::check_executor(asio::any_io_executor const& caller) const {
    if (!state_->options.thread_safe && caller != state_->executor) throw_error(errc::wrong_executor, diagnostics());
}

asio::awaitable<void> engine::hop(asio::awaitable<void> op) { return hop_to(state_->executor, std::move(op)); }

void engine::close() noexcept {
    auto const close_here = [](engine_state& state) {
        state.closed = true;
        state.pool->close();
        wake_all(state.sleepers);
        wake_all(state.credential_waiters);
        cancel_fetch(state);
    };
    if (!state_->options.thread_safe) {
        close_here(*state_);
        return;
    }
    try {
        asio::dispatch(state_->executor, [self = shared_from_this(), close_here] { close_here(*self->state_); });
    } catch (...) {
        // Out of memory: the client stays open, and whoever runs out of memory has other worries.
    }
}

asio::any_io_executor const& engine::executor() const noexcept { return state_->executor; }
client_options const& engine::options() const noexcept { return state_->options; }
http::deadline_queue& engine::deadlines() noexcept { return state_->deadlines; }
request_counts const& engine::counts() const noexcept { return state_->counts; }
http::pool_statistics engine::pool() const noexcept { return state_->pool->statistics(); }
double engine::jitter() noexcept { return state_->jitter(); }

} // namespace dynasio::dynamodb::detail
