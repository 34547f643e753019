#include <dynasio/testing/detail/http_answer.hpp>
#include <dynasio/testing/detail/rule_access.hpp>
#include <dynasio/testing/detail/script.hpp>
#include <dynasio/testing/fault_script.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace dynasio::testing {

namespace {

[[noreturn]] void refuse(std::string message) { throw_error(errc::invalid_argument, std::move(message)); }

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string_view trimmed(std::string_view text) {
    auto const blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

template <class T> std::optional<T> parse_number(std::string_view text) {
    T value{};
    auto const end = text.data() + text.size();
    auto const [stopped, ec] = std::from_chars(text.data(), end, value);
    return ec == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

/// The settings of one fault, `key=value`. Settings that are read are removed, so that unknown ones remain at the end.
class settings {
public:
    explicit settings(std::string_view text) {
        while (!text.empty()) {
            auto const equals = text.find('=');
            if (equals == std::string_view::npos) refuse("expected key=value, not " + quoted(text));
            one s;
            s.key = trimmed(text.substr(0, equals));
            text.remove_prefix(equals + 1);
            s.value = take_value(text);
            if (std::ranges::find(all_, s.key, &one::key) != all_.end()) refuse(quoted(s.key) + " is given twice");
            all_.push_back(std::move(s));
        }
    }

    [[nodiscard]] std::optional<std::string> text(std::string_view key) {
        known_.emplace_back(key);
        auto const found = std::ranges::find(all_, key, &one::key);
        if (found == all_.end()) return std::nullopt;
        found->understood = true;
        return found->value;
    }
    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise) {
        return text(key).value_or(std::string(otherwise));
    }
    [[nodiscard]] std::optional<std::size_t> count(std::string_view key) {
        auto const given = text(key);
        if (!given) return std::nullopt;
        auto const value = parse_number<std::size_t>(*given);
        if (!value) refuse(std::string(key) + " is a number of 0 or more, not " + quoted(*given));
        return value;
    }
    [[nodiscard]] unsigned status(unsigned otherwise) {
        auto const given = text("status");
        if (!given) return otherwise;
        auto const value = parse_number<unsigned>(*given);
        if (!value || *value < 200 || *value > 599) refuse("status is a number from 200 to 599, not " + quoted(*given));
        return *value;
    }
    [[nodiscard]] std::optional<double> probability(std::string_view key) {
        auto const given = text(key);
        if (!given) return std::nullopt;
        auto const value = parse_number<double>(*given);
        if (!value || !(*value >= 0 && *value <= 1))
            refuse(std::string(key) + " is a probability from 0 to 1, not " + quoted(*given));
        return value;
    }
    [[nodiscard]] std::optional<std::chrono::nanoseconds> duration(std::string_view key, bool may_be_negative = false) {
        auto const given = text(key);
        if (!given) return std::nullopt;
        auto const unit_at = std::min(given->find_first_not_of("0123456789.-"), given->size());
        auto const value = parse_number<double>(std::string_view(*given).substr(0, unit_at));
        auto const unit = std::string_view(*given).substr(unit_at);
        double const scale = unit == "us" ? 1e3 : unit == "ms" ? 1e6 : unit == "s" ? 1e9 : unit == "min" ? 6e10 : 0;
        constexpr double longest = 365.0 * 24 * 60 * 60 * 1e9;
        if (!value || scale == 0 || (*value < 0 && !may_be_negative) || std::abs(*value * scale) > longest)
            refuse(std::string(key) + " is a time like 20ms, 1.5s or 10min, not " + quoted(*given));
        return std::chrono::nanoseconds(std::llround(*value * scale));
    }
    /// The value for one of several words; without the setting, that of the first word.
    template <class T>
    [[nodiscard]] T choice(std::string_view key, std::vector<std::pair<std::string_view, T>> const& words) {
        auto const given = text(key);
        if (!given) return words.front().second;
        auto const found = std::ranges::find(words, *given, [](auto const& w) { return w.first; });
        if (found != words.end()) return found->second;
        std::string known;
        for (auto const& [word, value] : words) known += (known.empty() ? "" : ", ") + std::string(word);
        refuse(std::string(key) + " is one of " + known + ", not " + quoted(*given));
    }
    void refuse_what_is_left(std::string_view fault) const {
        for (auto const& s : all_) {
            if (s.understood) continue;
            std::string known;
            for (auto const& key : known_) known += (known.empty() ? "" : ", ") + key;
            refuse("the fault " + quoted(fault) + " has no setting " + quoted(s.key) + "; it has " + known);
        }
    }

private:
    struct one {
        std::string key{};
        std::string value{};
        bool understood = false;
    };

    /// Takes a value off `text` up to and including the next comma.
    static std::string take_value(std::string_view& text) {
        std::string value;
        if (text.starts_with('"')) {
            std::size_t at = 1;
            for (; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                value += text[at];
            }
            if (at == text.size()) refuse("a quotation mark is not closed");
            text.remove_prefix(at + 1);
            if (!text.empty() && !text.starts_with(',')) refuse("a comma is missing behind a quoted value");
        } else {
            auto const part = text.substr(0, text.find(','));
            value = trimmed(part);
            text.remove_prefix(part.size());
        }
        if (!text.empty()) {
            text.remove_prefix(1);
            if (text.empty()) refuse("there is nothing behind the last comma");
        }
        return value;
    }

    std::vector<one> all_;
    std::vector<std::string> known_;
};

// Faults of requests. Each function reads its settings and ends the rule with an action.

using request_fault = scripted_rule (*)(settings&, rule_builder&);

void read_reset(settings& s, rule_builder& r) {
    bool const reset = s.choice<bool>("how", {{"close", false}, {"reset", true}});
    if (reset) static_cast<void>(r.by_reset());
}

scripted_rule throttle(settings& s, rule_builder& r) {
    auto const type = s.text("type", "ProvisionedThroughputExceededException");
    std::vector<throttling_reason> reasons;
    if (auto reason = s.text("reason"))
        reasons.emplace_back(std::move(*reason), s.text("resource", "arn:aws:dynamodb:::table/unknown"));
    else if (s.text("resource"))
        refuse("resource needs a reason");
    if (auto const wait = s.duration("retry-after"))
        static_cast<void>(r.retry_after(std::chrono::duration_cast<std::chrono::milliseconds>(*wait)));
    return r.throttle_for(type, std::move(reasons));
}

scripted_rule service_error(settings& s, rule_builder& r) {
    auto const type = s.text("type", "InternalServerError");
    auto const status = s.status(type == "InternalServerError" ? 500 : type == "ServiceUnavailable" ? 503 : 400);
    return r.answer_error(status, type, s.text("message", "Scripted by a fault endpoint."));
}

scripted_rule unprocessed(settings& s, rule_builder& r) {
    auto const first = s.count("first");
    auto const all_but = s.count("all-but");
    if (first && all_but) refuse("first and all-but exclude each other");
    return r.leave_unprocessed(first ? first_keys(*first) : all_but ? all_keys_but(*all_but) : all_keys());
}

scripted_rule raw_json(settings& s, rule_builder& r) {
    auto const status = s.status(200);
    return r.answer_json(status, s.text("body", "{}"));
}

scripted_rule header(settings& s, rule_builder& r) {
    auto name = s.text("name");
    if (!name) refuse("the fault \"header\" needs a name");
    return r.with_header(std::move(*name), s.text("value", "")).forward();
}

scripted_rule skew(settings& s, rule_builder& r) {
    auto const by = s.duration("by", true);
    if (!by) refuse("the fault \"skew\" needs by: the time that Date is off, like -10min");
    return r.with_date_skewed_by(std::chrono::duration_cast<std::chrono::seconds>(*by)).forward();
}

scripted_rule slow(settings& s, rule_builder& r) {
    auto const by = s.duration("by");
    if (!by) refuse("the fault \"slow\" needs by: a time like 200ms");
    return r.delayed(*by).forward();
}

scripted_rule trickle(settings& s, rule_builder& r) {
    auto const bytes = s.count("bytes").value_or(1);
    return r.trickled(bytes, s.duration("pause").value_or(std::chrono::milliseconds(10))).forward();
}

scripted_rule content_length(settings& s, rule_builder& r) {
    auto text = s.text("value");
    if (!text) refuse("the fault \"content-length\" needs a value");
    return r.with_content_length(std::move(*text)).forward();
}

scripted_rule drop(settings& s, rule_builder& r) {
    read_reset(s, r);
    return r.drop_connection(s.choice<drop_time>(
        "when", {{"before", drop_time::before_forwarding}, {"after", drop_time::after_forwarding}}));
}

scripted_rule cut(settings& s, rule_builder& r) {
    read_reset(s, r);
    auto const where = s.choice<cut_point>(
        "at", {{"body", cut_point::in_body}, {"after-head", cut_point::after_head}, {"head", cut_point::in_head}});
    return r.cut(where).forward();
}

scripted_rule garbage(settings& s, rule_builder& r) {
    return r.answer_bytes(s.text("text", "220 mail.example.com ready\r\n"));
}

scripted_rule endless(settings& s, rule_builder& r) {
    return r.answer_endlessly(s.choice<endless_part>("what", {{"headers", endless_part::headers},
                                                              {"interim", endless_part::interim_answers},
                                                              {"chunks", endless_part::chunks},
                                                              {"body", endless_part::body}}));
}

struct request_entry {
    std::string_view name;
    std::string_view help;
    request_fault apply;
};

request_entry const request_faults[] = {
    {"throttle",
     "a throttling error; type=ProvisionedThroughputExceededException, ThrottlingException or RequestLimitExceeded, "
     "reason=TEXT, resource=ARN, retry-after=TIME",
     throttle},
    {"error", "any error of the service; type=InternalServerError, status=500, message=TEXT", service_error},
    {"unprocessed", "keys or items of a batch come back unprocessed: all, first=N or all-but=N", unprocessed},
    {"conflict", "a transaction is in the way: TransactionConflictException, or a cancelled transaction",
     [](settings&, rule_builder& r) { return r.conflict_with_transaction(); }},
    {"cancel", "TransactionCanceledException; reason=ConditionalCheckFailed for its first item",
     [](settings& s, rule_builder& r) { return r.cancel_transaction(s.text("reason", "ConditionalCheckFailed")); }},
    {"slow", "the answer comes by=TIME late", slow},
    {"trickle", "the body comes in pieces of bytes=1 with pause=10ms before each", trickle},
    {"hold", "after=0 bytes of the body, then nothing until the client goes away",
     [](settings& s, rule_builder& r) { return r.held_after(s.count("after").value_or(0)).forward(); }},
    {"never", "not forwarded, never answered", [](settings&, rule_builder& r) { return r.never_answer(); }},
    {"drop", "the connection ends without an answer, when=before the request is forwarded or after; how=close or reset",
     drop},
    {"cut", "the connection ends within the answer, at=body, after-head or head; how=close or reset", cut},
    {"truncate", "the body lacks its last bytes=1",
     [](settings& s, rule_builder& r) { return r.truncated_by(s.count("bytes").value_or(1)).forward(); }},
    {"overlong", "bytes=1 more than Content-Length says",
     [](settings& s, rule_builder& r) { return r.overlong_by(s.count("bytes").value_or(1)).forward(); }},
    {"content-length", "value=TEXT instead of the length", content_length},
    {"crc", "an x-amz-crc32 that does not fit the body",
     [](settings&, rule_builder& r) { return r.with_wrong_crc32().forward(); }},
    {"gzip", "a compressed body", [](settings&, rule_builder& r) { return r.compressed().forward(); }},
    {"chunked", "a chunked body", [](settings&, rule_builder& r) { return r.chunked().forward(); }},
    {"malformed-chunks", "a chunked body with something else than a size in it",
     [](settings&, rule_builder& r) { return r.with_malformed_chunks().forward(); }},
    {"skew", "a Date that is off, by=TIME (-10min: the server's clock is late)", skew},
    {"header", "one more header, or another value: name=NAME, value=TEXT", header},
    {"close", "Connection: close", [](settings&, rule_builder& r) { return r.announcing_close().forward(); }},
    {"close-silently", "the connection ends after the answer, which did not say so",
     [](settings&, rule_builder& r) { return r.then_closing().forward(); }},
    {"html", "a page of HTML; status=503", [](settings& s, rule_builder& r) { return r.answer_html(s.status(503)); }},
    {"empty", "an answer without a body; status=200",
     [](settings& s, rule_builder& r) { return r.answer_empty(s.status(200)); }},
    {"json", "body=TEXT; status=200", raw_json},
    {"invalid-json", "status 200 with JSON that breaks off",
     [](settings&, rule_builder& r) { return r.answer_invalid_json(); }},
    {"nested", "status 200 with arrays nested depth=10000",
     [](settings& s, rule_builder& r) {
         auto const depth = s.count("depth").value_or(10'000);
         if (depth > 10'000'000) refuse("depth is at most 10000000");
         return r.answer_nested(depth);
     }},
    {"garbage", "text=TEXT that is no HTTP", garbage},
    {"endless", "what=headers, interim, chunks or body without end", endless},
};

struct connection_entry {
    std::string_view name;
    std::string_view help;
    connection_fault fault;
};

connection_entry const connection_faults[] = {
    {"refuse", "closed as soon as it is accepted", connection_fault::close},
    {"hold-connection", "accepted, and then nothing", connection_fault::hold},
    {"cut-handshake", "closed when the client's first bytes have come", connection_fault::cut_handshake},
    {"reset-connection", "the same with a TCP reset", connection_fault::reset},
    {"self-signed", "a certificate that no authority vouches for (TLS)", connection_fault::self_signed},
    {"expired", "an expired certificate (TLS)", connection_fault::expired},
    {"wrong-host", "a certificate for another host (TLS)", connection_fault::wrong_host},
};

template <class Builder> void read_counting(settings& s, Builder& b) {
    if (auto const p = s.probability("rate")) static_cast<void>(b.rate(*p));
    auto const nth = s.count("nth");
    auto const times = s.count("times");
    auto const after = s.count("after-first");
    if (nth && (times || after)) refuse("nth excludes times and after-first");
    if (nth) static_cast<void>(b.nth(*nth));
    if (times) static_cast<void>(b.times(*times));
    if (after) static_cast<void>(b.after(*after));
}

match read_match(settings& s) {
    auto const operation = s.text("operation");
    match requests = operation ? match(*operation) : match();
    if (auto table = s.text("table")) requests = requests.table(std::move(*table));
    if (auto index = s.text("index")) requests = requests.index(std::move(*index));
    if (auto key = s.text("key")) requests = requests.key_containing(std::move(*key));
    if (auto body = s.text("containing")) requests = requests.body_containing(std::move(*body));
    return requests;
}

/// A fault that has been read but is not yet in force.
struct read_fault {
    std::string text;
    scripted_rule rule;
    bool of_connections;
};

read_fault read(std::string_view text, bool tls) {
    // This script only receives the rules that are being made; it never picks one.
    auto const nowhere = std::make_shared<detail::script>();
    auto const colon = text.find(':');
    auto const name = trimmed(text.substr(0, colon));
    settings s(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
    if (auto const* entry = std::ranges::find(request_faults, name, &request_entry::name);
        entry != std::end(request_faults)) {
        auto draft = std::make_shared<detail::rule>();
        draft->requests = read_match(s);
        auto builder = detail::rule_access::on(nowhere, std::move(draft));
        read_counting(s, builder);
        auto rule = entry->apply(s, builder);
        s.refuse_what_is_left(name);
        return {std::string(text), std::move(rule), false};
    }
    if (auto const* entry = std::ranges::find(connection_faults, name, &connection_entry::name);
        entry != std::end(connection_faults)) {
        auto builder = detail::rule_access::on_connection(nowhere, tls);
        read_counting(s, builder);
        s.refuse_what_is_left(name);
        return {std::string(text), builder.fault(entry->fault), true};
    }
    std::string known;
    for (auto const& entry : request_faults) known += (known.empty() ? "" : ", ") + std::string(entry.name);
    for (auto const& entry : connection_faults) known += ", " + std::string(entry.name);
    refuse("there is no fault " + quoted(name) + "; there are " + known);
}

scripted_fault put_in_force(fault_endpoint& endpoint, read_fault fault) {
    auto const& script = detail::rule_access::script_of(endpoint);
    auto const& rule = detail::rule_access::rule_of(fault.rule);
    if (fault.of_connections)
        script->add_connection(rule);
    else
        script->add(rule);
    return scripted_fault(std::move(fault.text), std::move(fault.rule));
}

bool speaks_tls(fault_endpoint const& endpoint) { return !endpoint.authority_pem().empty(); }

} // namespace

scripted_fault apply_fault(fault_endpoint& endpoint, std::string_view fault) {
    return put_in_force(endpoint, read(trimmed(fault), speaks_tls(endpoint)));
}

std::vector<scripted_fault> apply_fault_script(fault_endpoint& endpoint, std::string_view script) {
    std::vector<read_fault> understood;
    for (std::size_t number = 1; !script.empty(); ++number) {
        auto const whole = script.substr(0, script.find('\n'));
        script.remove_prefix(std::min(whole.size() + 1, script.size()));
        auto const line = trimmed(whole);
        if (line.empty() || line.starts_with('#')) continue;
        try {
            understood.push_back(read(line, speaks_tls(endpoint)));
        } catch (error const& e) {
            throw_error(e.code(), "line " + std::to_string(number) + ": " + e.info().message);
        }
    }
    std::vector<scripted_fault> in_force;
    in_force.reserve(understood.size());
    for (auto& fault : understood) in_force.push_back(put_in_force(endpoint, std::move(fault)));
    return in_force;
}

std::string fault_script_help() {
    std::string text = "A fault is NAME or NAME:key=value,key=value. For each request the first fault that applies is "
                       "the only one.\n\nFaults of requests:\n";
    auto const list = [&](auto const& entries) {
        constexpr std::size_t column = 20;
        for (auto const& entry : entries) {
            text += "  " + std::string(entry.name);
            text.append(column - 2 - entry.name.size(), ' ');
            text += entry.help;
            text += '\n';
        }
    };
    list(request_faults);
    text += "\nWhich requests (all must hold; none: every request):\n"
            "  operation=GetItem   table=NAME   index=NAME   key=TEXT (in the JSON of a key)   containing=TEXT (in the "
            "body)\n"
            "\nFaults of connections, before any request on them:\n";
    list(connection_faults);
    text += "\nHow often, for all of them (none: every time):\n"
            "  rate=0.05           each with this probability, as the seed has it\n"
            "  times=N             N times at most\n"
            "  nth=N               only the Nth that matches, from 1\n"
            "  after-first=N       not the first N that match\n"
            "\nA TIME has a unit: 500us, 20ms, 1.5s, 10min. N and other numbers have none.\n"
            "\nA value with a comma in it is put into quotation marks: containing=\"a,b\"\n";
    return text;
}

} // namespace dynasio::testing
