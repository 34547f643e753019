#include <dynasio/testing/detail/http_answer.hpp>
#include <dynasio/testing/detail/script.hpp>
#include <dynasio/testing/fault_rule.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

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

rule_builder& rule_builder::with_header(std::string name, std::string value) {
    detail::check_header(name, value);
    draft().headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

rule_builder& rule_builder::retry_after(std::chrono::milliseconds delay) {
    return with_header("x-amz-retry-after", std::to_string(delay.count()));
}

rule_builder& rule_builder::with_wrong_crc32() {
    draft().wrong_crc32 = true;
    return *this;
}

rule_builder& rule_builder::truncated_by(std::size_t bytes) {
    draft().missing_bytes = bytes;
    return *this;
}

rule_builder& rule_builder::then_closing() {
    draft().closing = true;
    return *this;
}

rule_builder& rule_builder::by_reset() {
    draft().reset = true;
    return *this;
}

scripted_rule rule_builder::put_in_force() {
    auto& r = draft();
    auto const note = [&](std::string_view text) {
        if (!r.fault.empty()) r.fault += ", ";
        r.fault += text;
    };
    if (r.delay > r.delay.zero()) note("delayed");
    if (r.wrong_crc32) note("wrong x-amz-crc32");
    if (r.missing_bytes > 0) note("truncated by " + std::to_string(r.missing_bytes) + " bytes");
    if (r.closing) note("connection closed after the answer");
    for (auto const& [name, value] : r.headers) note(name + ": " + value);
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

} // namespace dynasio::testing
