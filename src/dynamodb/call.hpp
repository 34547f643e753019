#ifndef DYNASIO_SRC_DYNAMODB_CALL_HPP
#define DYNASIO_SRC_DYNAMODB_CALL_HPP

#include <dynasio/dynamodb/capacity.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/observer.hpp>

#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/deadline.hpp>
#include <dynasio/http/detail/pending_exchange.hpp>

#include <dynasio/aws/retry.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine_state.hpp"
#include "request_targets.hpp"
#include "throttle_view.hpp"

namespace dynasio::dynamodb::detail {

inline constexpr std::string_view content_type = "application/x-amz-json-1.0";

/// The state of one call: its request, the results of its attempts, and the diagnostics of a failure.
class call {
public:
    /// May be called on any thread.
    call(engine_state& s, raw_request&& r);
    ~call();
    call(call const&) = delete;
    call& operator=(call const&) = delete;

    /// Must be called once, before everything else, on the client's executor. `until`: see engine::perform().
    void begin(http::deadline* until);

    enum class step { done, again, fail };

    /// Whether the request is safe to send twice.
    [[nodiscard]] bool repeatable() const noexcept { return request.repeatable || is_read(request.op); }

    /// Called before the first attempt if there is an observer.
    void begin_observed();
    /// Called before each attempt, once it has its turn and its text, if there is an observer.
    void begin_attempt_observed();
    /// Called before the pause that follows step::again if there is an observer.
    void retry_observed();
    /// The description of the call in every event. Precondition: begin_observed() was called.
    [[nodiscard]] observed_call const& observed() const noexcept { return extras_->seen; }

    /// Records a second request of a hedged read, which was sent `after` the first one.
    void count_hedge(std::chrono::nanoseconds after, bool won);

    /// Whether the next attempt has to wait for a throttled resource. If not, it has taken its turns. Precondition:
    /// some resources are throttled.
    [[nodiscard]] bool held_back();
    /// The tables, indexes and partitions of the request. The first call finds them: with request_subject::tell of the
    /// request, or by reading the body when it has none.
    [[nodiscard]] request_targets const& targets();
    /// The first table that it is about, for errors.
    [[nodiscard]] std::string table() const;
    /// Where accounts have endpoints of their own: the one for this request and the credentials at hand.
    void choose_endpoint();

    /// Whether the next attempt can be signed now. While it waited, other calls may have dropped the credentials, or
    /// new credentials may have led to another endpoint.
    [[nodiscard]] bool may_sign() const;
    /// Writes and signs the text of the next attempt. It is called just before sending, because the signature contains
    /// the time, and because the text then reuses memory that the previous call has just used and that is still in the
    /// CPU's caches.
    void write_text();
    /// Writes the text for an exchange that wants its request. Returns false when a connection was lost and no text can
    /// be made for another one now; the exchange is over then.
    [[nodiscard]] bool write_text_for(http::detail::pending_exchange& exchange);
    /// Returns the memory of the text, which must not be needed any more.
    void release_text() noexcept { state.heads.put(std::move(head)); }
    /// The body to send after `head`; empty if the body is short and part of `head`, because sending one buffer costs
    /// less system time than a list of two.
    [[nodiscard]] std::string_view separate_body() const noexcept {
        return body_behind_head() ? std::string_view() : std::string_view(request.body);
    }
    [[nodiscard]] http::detail::exchange_terms terms() const noexcept;

    /// The time of the client's clock, which is read only once until time_has_passed() is called, because reading costs
    /// more than most of the steps in between.
    [[nodiscard]] system_time system_now();
    /// Must be called after every wait.
    void time_has_passed() noexcept {
        now_ = {};
        system_now_.reset();
    }

    /// Decides, from the result of an attempt, whether the call is done, fails or goes on.
    step judge(http::exchange_result& result);

    /// Records an attempt that ended with an exception.
    void break_off(bool may_have_sent);

    /// Keeps the answer of another service (such as STS), if `said` has one, for the error that will be thrown.
    void take_over_answer(diagnostics const& said);
    [[noreturn]] void fail();
    /// Fails with a reason from outside of the call, such as a deadline.
    [[noreturn]] void fail(error_code with, std::string message);

    /// Throws if the call has to end now.
    void check(boost::asio::cancellation_type cancelled, std::string_view doing);

    std::shared_ptr<engine> owner{}; ///< Keeps `state` alive for a prepared_call; see there.
    engine_state& state;
    raw_request request;
    aws::retry_machine machine;
    endpoint_target* target; ///< The host of the next attempt.
    std::chrono::steady_clock::time_point started;
    std::optional<http::deadline> own_deadline;
    http::deadline* deadline = nullptr;
    std::string head; ///< Text of the current attempt; see write_text().
    unsigned tries = 0;
    unsigned resent = 0;      // how many of the tries sent their request twice, because the first connection was dead
    unsigned attempts = 0;    ///< Attempts of which something was sent.
    aws::retry_delay delay{}; ///< Pause before the next attempt, after step::again.

    [[nodiscard]] throttle_view::entry* holding() const noexcept { return extras_ ? extras_->holding : nullptr; }
    [[nodiscard]] std::vector<std::uint64_t>& passed_turns() { return extras().passed_turns; }

private:
    [[nodiscard]] bool body_behind_head() const noexcept { return request.body.size() <= 8 * 1024; }
    void sign();
    /// Reports the end of an attempt to the observer.
    void attempt_observed(http::exchange_result const& result, bool failed);
    /// Reports the end of the call to the observer.
    void end_observed(bool failed);
    /// Adds the capacity that a successful answer reports.
    void account(std::string_view answer);
    void append_trace_id();
    /// Sets the endpoint of the next attempt in the observer's description.
    void observe_target();

    /// Members that most calls do not need. They are allocated separately, because they would enlarge every call.
    struct extras_t {
        std::optional<request_targets> targets{};
        throttle_view::entry* holding = nullptr;   ///< What held_back() found.
        std::vector<std::uint64_t> passed_turns{}; ///< Resources that let the next attempt pass.
        /// When the last attempt was sent, if some resource was throttled then.
        std::chrono::steady_clock::time_point sent_at = std::chrono::steady_clock::time_point::min();
        unsigned hedges = 0;

        // The members below are for an observer.
        observed_call seen{};
        std::vector<std::string_view> tables{};
        std::string trace_id{};
        std::chrono::steady_clock::time_point attempt_began{};
        std::size_t request_bytes = 0;
        capacity_report capacity{}; ///< The capacity of the call; only one of its answers reports it.
    };
    [[nodiscard]] extras_t& extras() {
        if (!extras_) extras_ = std::make_unique<extras_t>();
        return *extras_;
    }

    step judge_attempt(http::exchange_result& result);

    step judge_failed_exchange(http::exchange_result& result);

    step judge_service_error(http::response_head const& answer, std::string_view body);

    /// Stores an answer that was not a success.
    void note(error_code with, http::response_head const& answer, std::string message);

    step after(aws::attempt_outcome outcome, bool may_have_acted, std::string_view retry_after);

    /// Lets the next attempt follow without a pause and without taking from the quota, because it differs from this
    /// one. It still counts towards max_tries.
    void again_at_once();

    void fill(diagnostics& d);

    // Decides whether the request asks the service for the capacity that it takes. No other code decides this.
    [[nodiscard]] bool wants_capacity() const noexcept {
        return (request.options.account() != nullptr || state.options.capacity != capacity_detail::none ||
                request.options.cost() != nullptr || request.report_capacity) &&
               takes_capacity(request.op);
    }
    void ask_for_capacity();

    /// Tells the throttle view that the service refused an attempt.
    void note_throttling(error_code said);

    /// A UUID (version 4), the same for all attempts of a call.
    char* put_invocation_id(char* at);

    unsigned max_tries_;
    std::chrono::steady_clock::time_point now_{}; ///< Valid until time_has_passed().
    std::optional<system_time> system_now_{};
    bool begun_ = false;
    std::chrono::milliseconds signed_offset_{0};
    system_time signed_at_{};
    std::uint64_t signed_with_ = 0;
    std::uint64_t id_high_ = 0;
    std::uint64_t id_low_ = 0;
    error_code code_{};
    std::unique_ptr<diagnostics> info_{};
    bool ambiguous_ = false;      ///< Some attempt may have taken effect.
    bool last_ambiguous_ = false; ///< The last attempt may have taken effect.
    bool renewed_credentials_ = false;
    bool corrected_clock_ = false;
    bool throttled_ = false; ///< The last attempt was throttled, so the retry pause precedes the next one.
    std::unique_ptr<extras_t> extras_{};
};

} // namespace dynasio::dynamodb::detail

#endif
