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

/// One entry of `ThrottlingReasons`.
struct throttling_reason {
    std::string reason;   ///< "TableReadProvisionedThroughputExceeded"
    std::string resource; ///< ARN of the table or index.

    throttling_reason(std::string why, std::string what) : reason(std::move(why)), resource(std::move(what)) {}
};

/// A handle of a rule that is in force. Copies refer to the same rule. Destroying a handle does not remove the rule.
class scripted_rule {
public:
    /// How often the rule was applied.
    [[nodiscard]] std::size_t used() const noexcept;
    /// Removes the rule, so that it matches no further requests.
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
/// Modifiers come first. The action comes last and puts the rule in force, after the existing rules; before the action
/// the rule has no effect. Without a modifier a rule applies to every matching request. A rule counts the matching
/// requests that no earlier rule took. Functions throw errc::invalid_argument for header text that HTTP does not allow.
class [[nodiscard("a rule is in force once an action ends it")]] rule_builder {
public:
    rule_builder(rule_builder const&) = delete;
    rule_builder& operator=(rule_builder const&) = delete;
    ~rule_builder();

    /// @name Which of the matching requests
    /// @{
    /// Only the first `n` requests. Later ones go to the following rules.
    [[nodiscard]] rule_builder& times(std::size_t n);
    /// Only the `n`th request, counted from 1.
    [[nodiscard]] rule_builder& nth(std::size_t n);
    /// All requests but the first `n`; together with `times`, only so many after those.
    [[nodiscard]] rule_builder& after(std::size_t n);
    /// Each request with this probability, from 0 to 1. Whether the rule applies to the `n`th matching request depends
    /// on the endpoint's seed, on the rule's place among the rules and on `n`, so that a run with the same requests in
    /// the same order gets the same faults. `times` then limits how often the rule is applied.
    [[nodiscard]] rule_builder& rate(double probability);
    /// Every request. This is the default of a rule of `on()`, but not of an expectation.
    [[nodiscard]] rule_builder& always();
    /// @}

    /// @name What is done to the answer besides the action
    /// @{
    /// Delays the action, in addition to the endpoint's latency. Other requests are not delayed.
    [[nodiscard]] rule_builder& delayed(std::chrono::nanoseconds by);
    /// Sets a header of the answer, replacing any of the same name.
    [[nodiscard]] rule_builder& with_header(std::string name, std::string value);
    /// Sets x-amz-retry-after, which is in milliseconds.
    [[nodiscard]] rule_builder& retry_after(std::chrono::milliseconds delay);
    /// Sends an x-amz-crc32 that does not match the body.
    [[nodiscard]] rule_builder& with_wrong_crc32();
    /// The last `bytes` bytes of the body, or all of a shorter one, are not sent although Content-Length counts them;
    /// then the connection is closed.
    [[nodiscard]] rule_builder& truncated_by(std::size_t bytes);
    /// Sends `bytes` blanks after the body that Content-Length does not count, so that the connection carries them
    /// before the next answer.
    [[nodiscard]] rule_builder& overlong_by(std::size_t bytes);
    /// Sends `text` as Content-Length: "abc", "-1", "18446744073709551616".
    [[nodiscard]] rule_builder& with_content_length(std::string text);
    /// Sends the body with Transfer-Encoding: chunked, in two chunks.
    [[nodiscard]] rule_builder& chunked();
    /// As chunked(), but the size of the second chunk is not a number. The connection is closed afterwards.
    [[nodiscard]] rule_builder& with_malformed_chunks();
    /// Sends the body with Content-Encoding: gzip, whether or not the request accepts it. x-amz-crc32 is that of the
    /// bytes sent.
    [[nodiscard]] rule_builder& compressed();
    /// Sends a Date that differs from the true time by `by`: `with_date_skewed_by(-10min)` simulates a server whose
    /// clock is slow.
    [[nodiscard]] rule_builder& with_date_skewed_by(std::chrono::seconds by);
    /// Sends the body in pieces of `bytes`, with a pause before each.
    [[nodiscard]] rule_builder& trickled(std::size_t bytes, std::chrono::nanoseconds pause);
    /// Sends the head and at most `bytes` of the body, never all of it, and then nothing until the client disconnects.
    [[nodiscard]] rule_builder& held_after(std::size_t bytes);
    /// Ends the answer at `where` and closes the connection.
    [[nodiscard]] rule_builder& cut(cut_point where);
    /// Sends "Connection: close" and closes the connection after the answer.
    [[nodiscard]] rule_builder& announcing_close();
    /// Closes the connection after the answer without announcing it, like a server whose idle time-out has passed.
    [[nodiscard]] rule_builder& then_closing();
    /// If the rule closes the connection, it does so with a TCP reset. Bytes sent just before can get lost.
    [[nodiscard]] rule_builder& by_reset();
    /// @}

    /// @name Actions
    /// @{
    /// Forwards the request and returns the upstream's answer, for rules that only have modifiers.
    scripted_rule forward();
    /// Keys (or items) that `which` chooses are not forwarded but returned in UnprocessedKeys (UnprocessedItems), with
    /// the projection and the other members of their table's request. The rest is forwarded, if any. Operations other
    /// than BatchGetItem and BatchWriteItem are forwarded unchanged. The request's signature does not match the edited
    /// body, so an upstream that verifies signatures refuses the request; the header X-Dynasio-Edited tells an upstream
    /// which requests these are.
    scripted_rule leave_unprocessed(key_selector which);

    /// Answers with HTTP 400 and a throttling error: "ProvisionedThroughputExceededException", "ThrottlingException",
    /// "RequestLimitExceeded".
    template <std::same_as<throttling_reason>... Reasons> scripted_rule throttle(std::string type, Reasons... reasons) {
        return throttle_for(std::move(type), std::vector<throttling_reason>{std::move(reasons)...});
    }
    scripted_rule throttle_for(std::string type, std::vector<throttling_reason> reasons);
    /// Answers with an error of the service: `answer_error(400, "ResourceNotFoundException", "no such table")`. A
    /// `type` without '#' is prefixed with DynamoDB's name space.
    scripted_rule answer_error(unsigned status, std::string type, std::string message);

    /// Answers with TransactionCanceledException and a reason for each item of the request: `reason` for the first
    /// ("ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", …), "None" for the others.
    scripted_rule cancel_transaction(std::string reason);
    /// Answers as if another transaction were in progress on the item: a transaction is cancelled with
    /// TransactionConflict, every other request is answered with TransactionConflictException.
    scripted_rule conflict_with_transaction();

    scripted_rule answer(canned_answer what);
    scripted_rule answer(unsigned status, std::string content_type, std::string body);
    scripted_rule answer_json(std::string body);
    scripted_rule answer_json(unsigned status, std::string body);
    /// Answers with the result of `make`, which runs on the endpoint's thread, for one request at a time. An exception
    /// of `make` becomes an answer with status 500 and one of fault_endpoint::failures(). Throws errc::invalid_argument
    /// when `make` is empty.
    scripted_rule answer_with(std::function<canned_answer(recorded_request const&)> make);
    /// Answers with status 200 and a body that ends in the middle of its JSON. Length and checksum are right.
    scripted_rule answer_invalid_json();
    /// Answers with status 200 and JSON arrays nested `depth` deep.
    scripted_rule answer_nested(std::size_t depth);

    /// Answers with a page of HTML, like a proxy or load balancer.
    scripted_rule answer_html(unsigned status);
    /// Answers without a body and with no header but Content-Length: 0.
    scripted_rule answer_empty(unsigned status);
    /// Sends these bytes, which need not be HTTP, and closes the connection. Of the modifiers only `delayed` and
    /// `by_reset` apply.
    scripted_rule answer_bytes(std::string bytes);
    /// Sends without end until the client closes the connection. Of the modifiers only `delayed` applies.
    scripted_rule answer_endlessly(endless_part what);

    /// Closes the connection without an answer.
    scripted_rule drop_connection(drop_time when = drop_time::before_forwarding);
    /// Neither answers nor forwards the request, and waits until the client disconnects.
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

/// A rule for connections, before any request: `endpoint.on_connection().times(1).fault(connection_fault::reset)`. It
/// counts like rule_builder, over the connections accepted while the rule is in force.
class [[nodiscard("a rule is in force once fault() ends it")]] connection_rule_builder {
public:
    connection_rule_builder(connection_rule_builder const&) = delete;
    connection_rule_builder& operator=(connection_rule_builder const&) = delete;
    ~connection_rule_builder();

    [[nodiscard]] connection_rule_builder& times(std::size_t n);
    [[nodiscard]] connection_rule_builder& nth(std::size_t n);
    [[nodiscard]] connection_rule_builder& after(std::size_t n);
    [[nodiscard]] connection_rule_builder& rate(double probability);
    /// Puts the rule in force. Throws errc::invalid_argument for a fault of certificates when the endpoint does not use
    /// TLS.
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
