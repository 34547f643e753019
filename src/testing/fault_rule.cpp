#include <dynasio/testing/detail/http_answer.hpp>
#include <dynasio/testing/detail/request_facts.hpp>
#include <dynasio/testing/detail/script.hpp>
#include <dynasio/testing/fault_rule.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::testing {

namespace {

std::string throttling_body(std::string const& type, std::vector<throttling_reason> const& reasons) {
    bool const newer = type == "ThrottlingException";
    std::string text = R"({"__type":)";
    dynamodb::append_json_string(text, type.find('#') != std::string::npos ? type
                                       : newer                             ? "com.amazon.coral.availability#" + type
                                               : "com.amazonaws.dynamodb.v20120810#" + type);
    text += R"(,"message":"The rate of requests is too high (scripted by a fault endpoint).")";
    if (!reasons.empty()) {
        text += newer ? R"(,"throttlingReasons":[)" : R"(,"ThrottlingReasons":[)";
        char const* comma = "";
        for (auto const& r : reasons) {
            text += std::exchange(comma, ",");
            text += R"({"reason":)";
            dynamodb::append_json_string(text, r.reason);
            text += R"(,"resource":)";
            dynamodb::append_json_string(text, r.resource);
            text += '}';
        }
        text += ']';
    }
    text += '}';
    return text;
}

std::string named_type(std::string_view type) {
    return R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + std::string(type) + '"';
}

canned_answer cancelled_transaction(recorded_request const& request, std::string const& reason) {
    auto const items = std::max<std::size_t>(1, detail::transaction_size(request.operation, request.body));
    std::string codes;
    std::string reasons;
    for (std::size_t i = 0; i < items; ++i) {
        codes += i == 0 ? reason : ", None";
        reasons += i == 0 ? R"({"Code":)" : ",";
        if (i == 0) {
            dynamodb::append_json_string(reasons, reason);
            reasons += R"(,"Message":"Scripted by a fault endpoint."})";
        } else {
            reasons += R"({"Code":"None"})";
        }
    }
    std::string body = named_type("TransactionCanceledException") + R"(,"Message":)";
    dynamodb::append_json_string(
        body, "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes + ']');
    body += R"(,"CancellationReasons":[)" + reasons + "]}";
    return canned_answer(400, std::move(body));
}

double checked_rate(double probability) {
    if (!(probability >= 0 && probability <= 1)) throw_error(errc::invalid_argument, "rate() takes 0 to 1");
    return probability;
}

} // namespace

std::size_t scripted_rule::used() const noexcept { return rule_->used.load(); }

void scripted_rule::remove() noexcept { rule_->removed = true; }

rule_builder::rule_builder(std::shared_ptr<detail::script> script, std::shared_ptr<detail::rule> r) noexcept
    : script_(std::move(script)), rule_(std::move(r)) {}

rule_builder::~rule_builder() = default;

detail::rule& rule_builder::draft() {
    if (!rule_) throw_error(errc::invalid_argument, "this rule has its action already: start another one");
    return *rule_;
}

rule_builder& rule_builder::times(std::size_t n) {
    draft().limit = n;
    return *this;
}

rule_builder& rule_builder::nth(std::size_t n) {
    if (n == 0) throw_error(errc::invalid_argument, "nth() counts from 1");
    draft().skip = n - 1;
    draft().limit = 1;
    return *this;
}

rule_builder& rule_builder::after(std::size_t n) {
    draft().skip = n;
    return *this;
}

rule_builder& rule_builder::always() {
    draft().limit = detail::rule::unlimited;
    return *this;
}

rule_builder& rule_builder::delayed(std::chrono::nanoseconds by) {
    draft().delay = by;
    return *this;
}

rule_builder& rule_builder::rate(double probability) {
    draft().rate = checked_rate(probability);
    return *this;
}

rule_builder& rule_builder::with_header(std::string name, std::string value) {
    detail::check_header(name, value);
    draft().how.headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

rule_builder& rule_builder::retry_after(std::chrono::milliseconds delay) {
    return with_header("x-amz-retry-after", std::to_string(delay.count()));
}

rule_builder& rule_builder::with_wrong_crc32() {
    draft().how.wrong_crc32 = true;
    return *this;
}

rule_builder& rule_builder::truncated_by(std::size_t bytes) {
    draft().how.missing_bytes = bytes;
    return *this;
}

rule_builder& rule_builder::overlong_by(std::size_t bytes) {
    draft().how.surplus_bytes = bytes;
    return *this;
}

rule_builder& rule_builder::with_content_length(std::string text) {
    detail::check_header("Content-Length", text);
    draft().how.content_length = std::move(text);
    return *this;
}

rule_builder& rule_builder::chunked() {
    draft().how.framing = detail::body_framing::chunked;
    return *this;
}

rule_builder& rule_builder::with_malformed_chunks() {
    draft().how.framing = detail::body_framing::malformed_chunks;
    return *this;
}

rule_builder& rule_builder::compressed() {
    draft().how.gzip = true;
    return *this;
}

rule_builder& rule_builder::with_date_skewed_by(std::chrono::seconds by) {
    draft().how.date_skew = by;
    return *this;
}

rule_builder& rule_builder::trickled(std::size_t bytes, std::chrono::nanoseconds pause) {
    if (bytes == 0) throw_error(errc::invalid_argument, "trickled() needs pieces of at least one byte");
    draft().how.piece = bytes;
    draft().how.pause = pause;
    return *this;
}

rule_builder& rule_builder::held_after(std::size_t bytes) {
    draft().how.hold_after = bytes;
    return *this;
}

rule_builder& rule_builder::cut(cut_point where) {
    draft().how.cut = where;
    return *this;
}

rule_builder& rule_builder::announcing_close() {
    draft().how.announce_close = true;
    return *this;
}

rule_builder& rule_builder::then_closing() {
    draft().how.closing = true;
    return *this;
}

rule_builder& rule_builder::by_reset() {
    draft().how.reset = true;
    return *this;
}

scripted_rule rule_builder::put_in_force() {
    auto& r = draft();
    auto const note = [&](std::string_view text) {
        if (text.empty()) return;
        if (!r.fault.empty()) r.fault += ", ";
        r.fault += text;
    };
    if (r.delay > r.delay.zero()) note("delayed");
    note(r.how.describe());
    script_->add(rule_);
    return scripted_rule(std::exchange(rule_, nullptr));
}

scripted_rule rule_builder::forward() {
    draft().action = detail::action_kind::forward;
    return put_in_force();
}

scripted_rule rule_builder::leave_unprocessed(key_selector which) {
    draft().action = detail::action_kind::leave_unprocessed;
    draft().held = std::move(which);
    return put_in_force();
}

scripted_rule rule_builder::answer_named(canned_answer what, std::string fault) {
    detail::check_answer(what);
    draft().action = detail::action_kind::answer;
    draft().answer = std::move(what);
    draft().fault = std::move(fault);
    return put_in_force();
}

scripted_rule rule_builder::throttle_for(std::string type, std::vector<throttling_reason> reasons) {
    return answer_named(canned_answer(400, throttling_body(type, reasons)), "throttled with " + type);
}

scripted_rule rule_builder::answer_error(unsigned status, std::string type, std::string message) {
    std::string fault = "error " + type;
    return answer_named(canned_answer::error(status, std::move(type), std::move(message)), std::move(fault));
}

scripted_rule rule_builder::cancel_transaction(std::string reason) {
    draft().fault = "transaction cancelled: " + reason;
    draft().action = detail::action_kind::compute;
    draft().compute = [reason = std::move(reason)](recorded_request const& r) {
        return cancelled_transaction(r, reason);
    };
    return put_in_force();
}

scripted_rule rule_builder::conflict_with_transaction() {
    draft().fault = "transaction conflict";
    draft().action = detail::action_kind::compute;
    draft().compute = [](recorded_request const& r) {
        if (detail::is_transaction(r.operation)) return cancelled_transaction(r, "TransactionConflict");
        return canned_answer::error(400, "TransactionConflictException",
                                    "Transaction is ongoing for the item (scripted by a fault endpoint).");
    };
    return put_in_force();
}

scripted_rule rule_builder::answer(canned_answer what) {
    std::string fault = "canned answer " + std::to_string(what.status);
    return answer_named(std::move(what), std::move(fault));
}

scripted_rule rule_builder::answer(unsigned status, std::string content_type, std::string body) {
    return answer(canned_answer(status, std::move(content_type), std::move(body)));
}

scripted_rule rule_builder::answer_json(std::string body) { return answer(canned_answer(std::move(body))); }

scripted_rule rule_builder::answer_json(unsigned status, std::string body) {
    return answer(canned_answer(status, std::move(body)));
}

scripted_rule rule_builder::answer_with(std::function<canned_answer(recorded_request const&)> make) {
    if (!make) throw_error(errc::invalid_argument, "answer_with() was given an empty function");
    draft().action = detail::action_kind::compute;
    draft().compute = std::move(make);
    draft().fault = "computed answer";
    return put_in_force();
}

scripted_rule rule_builder::answer_invalid_json() {
    return answer_named(canned_answer(R"({"Item":{"id":{"S":"u-)"), "invalid JSON");
}

scripted_rule rule_builder::answer_nested(std::size_t depth) {
    std::string body = R"({"nested":)";
    body.append(depth, '[').append(depth, ']') += '}';
    return answer_named(canned_answer(std::move(body)), "JSON nested " + std::to_string(depth) + " deep");
}

scripted_rule rule_builder::answer_html(unsigned status) {
    auto const number = std::to_string(status);
    return answer_named(
        canned_answer(status, "text/html",
                      "<html><head><title>" + number + "</title></head><body><h1>" + number + "</h1></body></html>"),
        "HTML " + number);
}

scripted_rule rule_builder::answer_empty(unsigned status) {
    return answer_named(canned_answer(status, std::string(), std::string()), "empty " + std::to_string(status));
}

scripted_rule rule_builder::answer_bytes(std::string bytes) {
    draft().action = detail::action_kind::bytes;
    draft().bytes = std::move(bytes);
    draft().fault = "bytes that no server of DynamoDB sends";
    return put_in_force();
}

scripted_rule rule_builder::answer_endlessly(endless_part what) {
    draft().action = detail::action_kind::endless;
    draft().endless = what;
    draft().fault = what == endless_part::interim_answers ? "endless interim answers"
                    : what == endless_part::headers       ? "endless headers"
                    : what == endless_part::chunks        ? "endless chunks"
                                                          : "endless body";
    return put_in_force();
}

scripted_rule rule_builder::drop_connection(drop_time when) {
    bool const early = when == drop_time::before_forwarding;
    draft().action = early ? detail::action_kind::drop_early : detail::action_kind::drop_late;
    draft().fault = early ? "connection dropped before forwarding" : "connection dropped after forwarding";
    return put_in_force();
}

scripted_rule rule_builder::never_answer() {
    draft().action = detail::action_kind::never;
    draft().fault = "never answered";
    return put_in_force();
}

connection_rule_builder::connection_rule_builder(std::shared_ptr<detail::script> script, bool tls)
    : script_(std::move(script)), rule_(std::make_shared<detail::rule>()), tls_(tls) {}

connection_rule_builder::~connection_rule_builder() = default;

detail::rule& connection_rule_builder::draft() {
    if (!rule_) throw_error(errc::invalid_argument, "this rule has its fault already: start another one");
    return *rule_;
}

connection_rule_builder& connection_rule_builder::times(std::size_t n) {
    draft().limit = n;
    return *this;
}

connection_rule_builder& connection_rule_builder::nth(std::size_t n) {
    if (n == 0) throw_error(errc::invalid_argument, "nth() counts from 1");
    draft().skip = n - 1;
    draft().limit = 1;
    return *this;
}

connection_rule_builder& connection_rule_builder::after(std::size_t n) {
    draft().skip = n;
    return *this;
}

connection_rule_builder& connection_rule_builder::rate(double probability) {
    draft().rate = checked_rate(probability);
    return *this;
}

scripted_rule connection_rule_builder::fault(connection_fault what) {
    bool const of_certificate = what == connection_fault::self_signed || what == connection_fault::expired ||
                                what == connection_fault::wrong_host;
    if (of_certificate && !tls_)
        throw_error(errc::invalid_argument, "a fault of certificates needs an endpoint with TLS");
    draft().connection = what;
    script_->add_connection(rule_);
    return scripted_rule(std::exchange(rule_, nullptr));
}

} // namespace dynasio::testing
