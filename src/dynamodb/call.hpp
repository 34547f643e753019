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

/// The state of one call: what it sent, how that ended, and what is said about it when it fails.
class call {
public:
    /// Any thread.
    call(engine_state& s, raw_request&& r);
    ~call();
    call(call const&) = delete;
    call& operator=(call const&) = delete;

    /// Once, before everything else, where the client lives. `until`: see engine::perform().
    void begin(http::deadline* until);

    enum class step { done, again, fail };

    /// Sending it twice does no harm.
    [[nodiscard]] bool repeatable() const noexcept { return request.repeatable || is_read(request.op); }

    /// Before the first attempt, when an observer is there.
    void begin_observed();
    /// Before each attempt, once it has its turn and its text, when an observer is there.
    void begin_attempt_observed();
    /// Before the pause that follows step::again, when an observer is there.
    void retry_observed();
    /// What every event of the call says about it; begin_observed() came before.
    [[nodiscard]] observed_call const& observed() const noexcept { return extras_->seen; }

    /// Notes a second request, which left `after` the first one.
    void count_hedge(std::chrono::nanoseconds after, bool won);

    /// Whether the next attempt has to wait for a throttled resource. To be asked only when some are throttled: when it
    /// need not wait, it has taken its turns.
    [[nodiscard]] bool held_back();
    /// What the request is about: told by whoever sent it, else read from its body, when first asked for.
    [[nodiscard]] request_targets const& targets();
    /// The first table that it is about, for errors.
    [[nodiscard]] std::string table();
    /// Where accounts have endpoints of their own: the one for this request and the credentials at hand.
    void choose_endpoint();

    /// Whether the next attempt can be signed as things are: others may have dropped the credentials, or new ones may
    /// have led to another endpoint, while this one waited.
    [[nodiscard]] bool may_sign() const;
    /// Writes and signs the text of the next attempt. Only just before it is sent: the signature has a time in it, and
    /// what is written just in time lies in memory that the call before has just used.
    void write_text();
    /// For an exchange that wants it. False when a connection was lost and no text can be made for another one now: the
    /// exchange is over then.
    [[nodiscard]] bool write_text_for(http::detail::pending_exchange& exchange);
    /// When the text is not needed any more.
    void release_text() noexcept { state.heads.put(std::move(head)); }
    /// What is to be sent behind `head`: a short body is in it, for one buffer costs the system less than a list of
    /// two.
    [[nodiscard]] std::string_view separate_body() const noexcept {
        return body_behind_head() ? std::string_view() : std::string_view(request.body);
    }
    [[nodiscard]] http::detail::exchange_terms terms() const noexcept;

    /// The client's clock, looked at once until time_has_passed(): looking costs more than most of the steps between.
    [[nodiscard]] system_time system_now();
    /// After everything that was waited for.
    void time_has_passed() noexcept {
        now_ = {};
        system_now_.reset();
    }

    /// Judges how an attempt ended.
    step judge(http::exchange_result& result);

    /// For an attempt that an exception ended.
    void break_off(bool may_have_sent);

    /// For the error to come: what another service answered, if `said` has such an answer.
    void take_over_answer(diagnostics const& said);
    [[noreturn]] void fail();
    /// The same for what ends a call from outside.
    [[noreturn]] void fail(error_code with, std::string message);

    /// Throws if the call is to end now.
    void check(boost::asio::cancellation_type cancelled, std::string_view doing);

    engine_state& state;
    raw_request request;
    aws::retry_machine machine;
    endpoint_target* target; ///< Where the next attempt goes.
    std::chrono::steady_clock::time_point started;
    std::optional<http::deadline> own_deadline;
    http::deadline* deadline = nullptr;
    std::string head; ///< Text of the attempt at hand; see write_text().
    unsigned tries = 0;
    unsigned attempts = 0;    ///< Tries that reached the network.
    aws::retry_delay delay{}; ///< Before the next attempt, after step::again.

    [[nodiscard]] throttle_view::entry* holding() const noexcept { return extras_ ? extras_->holding : nullptr; }
    [[nodiscard]] std::vector<std::uint64_t>& passed_turns() { return extras().passed_turns; }

private:
    [[nodiscard]] bool body_behind_head() const noexcept { return request.body.size() <= 8 * 1024; }
    void sign();
    /// What is told after each attempt, when an observer is there.
    void attempt_observed(http::exchange_result const& result, bool failed);
    /// What is told at the end, when an observer is there.
    void end_observed(bool failed);
    /// Adds up what a good answer says about capacity.
    void account(std::string_view answer);
    void append_trace_id();
    /// Where the next attempt goes, for an observer.
    void observe_target();

    /// What most calls do not need: every call would pay for it with a larger frame.
    struct extras_t {
        std::optional<request_targets> targets{};
        throttle_view::entry* holding = nullptr;   ///< What held_back() found.
        std::vector<std::uint64_t> passed_turns{}; ///< Resources that let the next attempt pass.
        /// Of the last attempt, if something was throttled then.
        std::chrono::steady_clock::time_point sent_at = std::chrono::steady_clock::time_point::min();
        unsigned hedges = 0;

        // For an observer.
        observed_call seen{};
        std::vector<std::string_view> tables{};
        std::string trace_id{};
        std::chrono::steady_clock::time_point attempt_began{};
        std::size_t request_bytes = 0;
        capacity_report capacity{}; ///< Of the whole call; only one answer of a call reports any.
    };
    [[nodiscard]] extras_t& extras() {
        if (!extras_) extras_ = std::make_unique<extras_t>();
        return *extras_;
    }

    step judge_attempt(http::exchange_result& result);

    step judge_failed_exchange(http::exchange_result& result);

    step judge_service_error(http::response_head const& answer, std::string_view body);

    /// Remembers an answer that was no success.
    void note(error_code with, http::response_head const& answer, std::string message);

    step after(aws::attempt_outcome outcome, bool may_have_acted, std::string_view retry_after);

    /// The next attempt differs from this one, so that it is no matter of pauses and quotas; it is one of max_tries.
    void again_at_once();

    void fill(diagnostics& d);

    // The one place that decides whether the service is asked for the capacity that a request takes.
    [[nodiscard]] bool wants_capacity() const noexcept {
        return (request.options.account() != nullptr || state.options.capacity != capacity_detail::none ||
                request.options.cost() != nullptr || request.report_capacity) &&
               takes_capacity(request.op);
    }
    [[nodiscard]] capacity_detail wanted_capacity() const noexcept;

    /// Tells the throttle view that the service refused an attempt.
    void note_throttling(error_code said);

    /// A UUID (version 4), the same for all attempts of a call.
    char* put_invocation_id(char* at);

    unsigned max_tries_;
    std::chrono::steady_clock::time_point now_{}; ///< As long as it is true.
    std::optional<system_time> system_now_{};
    bool begun_ = false;
    std::chrono::milliseconds signed_offset_{0};
    system_time signed_at_{};
    std::uint64_t signed_with_ = 0;
    std::uint64_t id_high_ = 0;
    std::uint64_t id_low_ = 0;
    error_code code_{};
    std::unique_ptr<diagnostics> info_{};
    bool ambiguous_ = false;      ///< Some attempt may have been carried out.
    bool last_ambiguous_ = false; ///< The last one.
    bool renewed_credentials_ = false;
    bool corrected_clock_ = false;
    bool throttled_ = false; ///< The last attempt was; its pause is behind it when the next one starts.
    std::unique_ptr<extras_t> extras_{};
};

} // namespace dynasio::dynamodb::detail

#endif
