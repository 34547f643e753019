#ifndef DYNASIO_TESTING_FAULT_RULE_HPP
#define DYNASIO_TESTING_FAULT_RULE_HPP

#include <dynasio/testing/canned_answer.hpp>
#include <dynasio/testing/fault_kinds.hpp>
#include <dynasio/testing/key_selector.hpp>
#include <dynasio/testing/recorded_request.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::testing {

namespace detail {
struct rule;
struct rule_access;
class script;
} // namespace detail

/// One entry of `ThrottlingReasons`: why, and which table or index.
struct throttling_reason {
    std::string reason;   ///< "TableReadProvisionedThroughputExceeded"
    std::string resource; ///< ARN of the table or index.

    throttling_reason(std::string why, std::string what) : reason(std::move(why)), resource(std::move(what)) {}
};

/// A rule that is in force. Copies mean the same rule; letting go of it changes nothing.
class scripted_rule {
public:
    /// How often the rule was applied.
    [[nodiscard]] std::size_t used() const noexcept;
    /// The rule matches no more requests.
    void remove() noexcept;

private:
    friend class rule_builder;
    friend class connection_rule_builder;
    friend struct detail::rule_access;
    explicit scripted_rule(std::shared_ptr<detail::rule> r) noexcept : rule_(std::move(r)) {}
    std::shared_ptr<detail::rule> rule_;
};

/// A rule being written: `endpoint.on(match("GetItem")).times(1).retry_after(20ms).throttle("ThrottlingException")`.
///
/// Modifiers come first; the action comes last and puts the rule in force, behind the rules that are there already.
/// Nothing is in force before the action. Without a modifier a rule applies to every matching request. Counted are the
/// matching requests that no earlier rule took. Functions throw errc::invalid_argument for header text that HTTP does
/// not allow.
class [[nodiscard("a rule is in force once an action ends it")]] rule_builder {
public:
    rule_builder(rule_builder const&) = delete;
    rule_builder& operator=(rule_builder const&) = delete;
    ~rule_builder();

    /// @name Which of the matching requests
    /// @{
    /// The first `n`. Later ones go to the rules behind.
    [[nodiscard]] rule_builder& times(std::size_t n);
    /// Only the `n`th, from 1.
    [[nodiscard]] rule_builder& nth(std::size_t n);
    /// All but the first `n`; together with `times`, the next ones after those.
    [[nodiscard]] rule_builder& after(std::size_t n);
    /// Each of them with this probability, from 0 to 1, as the endpoint's seed has it: whether the `n`th matching
    /// request is hit depends on the seed, on the rule's place among the rules and on `n`, so that a run with the same
    /// requests in the same order meets the same faults. `times` then bounds how often the rule is applied.
    [[nodiscard]] rule_builder& rate(double probability);
    /// Every one: what a rule of `on()` does anyway, and an expectation only when told so.
    [[nodiscard]] rule_builder& always();
    /// @}

    /// @name What is done to the answer besides the action
    /// @{
    /// Waits before the action starts, in addition to the endpoint's latency. Other requests go on.
    [[nodiscard]] rule_builder& delayed(std::chrono::nanoseconds by);
    /// Sets a header of the answer, replacing one of that name.
    [[nodiscard]] rule_builder& with_header(std::string name, std::string value);
    /// x-amz-retry-after, in milliseconds as the protocol has it.
    [[nodiscard]] rule_builder& retry_after(std::chrono::milliseconds delay);
    /// An x-amz-crc32 that does not belong to the body.
    [[nodiscard]] rule_builder& with_wrong_crc32();
    /// Content-Length promises `bytes` more than are sent; then the connection is closed. Of a shorter body nothing is
    /// sent.
    [[nodiscard]] rule_builder& truncated_by(std::size_t bytes);
    /// `bytes` blanks more than Content-Length says, in front of whatever the connection carries next.
    [[nodiscard]] rule_builder& overlong_by(std::size_t bytes);
    /// Any text instead of the length: "abc", "-1", "18446744073709551616".
    [[nodiscard]] rule_builder& with_content_length(std::string text);
    /// Transfer-Encoding: chunked, in two chunks.
    [[nodiscard]] rule_builder& chunked();
    /// The same, but what stands before the second chunk is no size. The connection is closed afterwards.
    [[nodiscard]] rule_builder& with_malformed_chunks();
    /// Content-Encoding: gzip, whether or not the request accepts it. x-amz-crc32 is that of the bytes sent.
    [[nodiscard]] rule_builder& compressed();
    /// A Date that is off by so much: `with_date_skewed_by(-10min)` plays a server whose clock is late.
    [[nodiscard]] rule_builder& with_date_skewed_by(std::chrono::seconds by);
    /// The body leaves in pieces of `bytes` with a pause before each.
    [[nodiscard]] rule_builder& trickled(std::size_t bytes, std::chrono::nanoseconds pause);
    /// Sends the head and at most `bytes` of the body, never all of it; then nothing until the client goes away.
    [[nodiscard]] rule_builder& held_after(std::size_t bytes);
    /// The answer ends there, and the connection with it.
    [[nodiscard]] rule_builder& cut(cut_point where);
    /// Connection: close, and it is closed.
    [[nodiscard]] rule_builder& announcing_close();
    /// The connection is closed after the answer, which did not say so: what a server does whose idle time ends.
    [[nodiscard]] rule_builder& then_closing();
    /// Where the rule closes the connection, it does so with a TCP reset. What was sent just before can get lost.
    [[nodiscard]] rule_builder& by_reset();
    /// @}

    /// @name Actions
    /// @{
    /// Passes the request on and answers with what the upstream says: for rules that only modify.
    scripted_rule forward();
    /// Keys (or items) that `which` chooses are not forwarded and come back in UnprocessedKeys (UnprocessedItems), with
    /// the projection and the other members of their table's request. The rest is forwarded; if there is none, nothing
    /// is. Other operations than BatchGetItem and BatchWriteItem are forwarded as they are.
    /// A signature over the body is void afterwards: an upstream that verifies signatures refuses the rest.
    scripted_rule leave_unprocessed(key_selector which);

    /// HTTP 400 with a throttling error: "ProvisionedThroughputExceededException", "ThrottlingException",
    /// "RequestLimitExceeded".
    template <std::same_as<throttling_reason>... Reasons> scripted_rule throttle(std::string type, Reasons... reasons) {
        return throttle_for(std::move(type), std::vector<throttling_reason>{std::move(reasons)...});
    }
    scripted_rule throttle_for(std::string type, std::vector<throttling_reason> reasons);
    /// An error of the service: `answer_error(400, "ResourceNotFoundException", "no such table")`.
    /// A `type` without '#' is put into DynamoDB's own name space.
    scripted_rule answer_error(unsigned status, std::string type, std::string message);

    /// TransactionCanceledException with a reason for each item of the request: `reason` for the first
    /// ("ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", …), "None" for the others.
    scripted_rule cancel_transaction(std::string reason);
    /// What a request meets that a transaction is in the way of: a transaction is cancelled with TransactionConflict,
    /// any other request answered with TransactionConflictException.
    scripted_rule conflict_with_transaction();

    scripted_rule answer(canned_answer what);
    scripted_rule answer(unsigned status, std::string content_type, std::string body);
    scripted_rule answer_json(std::string body);
    scripted_rule answer_json(unsigned status, std::string body);
    /// The answer depends on the request. `make` runs on the endpoint's thread, for one request at a time; what it
    /// throws becomes an answer with status 500 that says so, and one of fault_endpoint::failures(). Throws
    /// errc::invalid_argument when `make` is empty.
    scripted_rule answer_with(std::function<canned_answer(recorded_request const&)> make);
    /// Status 200 with a body that ends in the middle of its JSON, length and checksum being right.
    scripted_rule answer_invalid_json();
    /// Status 200 with JSON arrays nested `depth` deep.
    scripted_rule answer_nested(std::size_t depth);

    /// What a proxy or load balancer answers: a page of HTML.
    scripted_rule answer_html(unsigned status);
    /// No body and no headers but Content-Length: 0.
    scripted_rule answer_empty(unsigned status);
    /// These bytes, HTTP or not; then the connection is closed. Of the modifiers only `delayed` and `by_reset` apply.
    scripted_rule answer_bytes(std::string bytes);
    /// Sends without end until the client closes the connection. Of the modifiers only `delayed` applies.
    scripted_rule answer_endlessly(endless_part what);

    /// Closes the connection without an answer.
    scripted_rule drop_connection(drop_time when = drop_time::before_forwarding);
    /// Answers nothing and forwards nothing until the client goes away.
    scripted_rule never_answer();
    /// @}

private:
    friend class fault_endpoint;
    friend struct detail::rule_access;
    rule_builder(std::shared_ptr<detail::script> script, std::shared_ptr<detail::rule> r) noexcept;

    [[nodiscard]] detail::rule& draft();
    scripted_rule put_in_force();
    scripted_rule answer_named(canned_answer what, std::string fault);

    std::shared_ptr<detail::script> script_;
    std::shared_ptr<detail::rule> rule_;
};

/// A rule for connections, before any request: `endpoint.on_connection().times(1).fault(connection_fault::reset)`.
/// The counting is that of rule_builder, over the connections accepted while the rule is in force.
class [[nodiscard("a rule is in force once fault() ends it")]] connection_rule_builder {
public:
    connection_rule_builder(connection_rule_builder const&) = delete;
    connection_rule_builder& operator=(connection_rule_builder const&) = delete;
    ~connection_rule_builder();

    [[nodiscard]] connection_rule_builder& times(std::size_t n);
    [[nodiscard]] connection_rule_builder& nth(std::size_t n);
    [[nodiscard]] connection_rule_builder& after(std::size_t n);
    [[nodiscard]] connection_rule_builder& rate(double probability);
    /// Puts the rule in force. Throws errc::invalid_argument for a fault of certificates when the endpoint does not
    /// speak TLS.
    scripted_rule fault(connection_fault what);

private:
    friend class fault_endpoint;
    friend struct detail::rule_access;
    connection_rule_builder(std::shared_ptr<detail::script> script, bool tls);
    [[nodiscard]] detail::rule& draft();

    std::shared_ptr<detail::script> script_;
    std::shared_ptr<detail::rule> rule_;
    bool tls_;
};

} // namespace dynasio::testing

#endif
