#include <dynasio/dynamodb/log_observer.hpp>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

namespace dynasio {
namespace {

constexpr std::size_t longest_text = 200;

/// Builds one line: "name key=value key=value".
class line_writer {
public:
    line_writer& word(std::string_view text) {
        if (!line_.empty()) line_ += ' ';
        append(text);
        return *this;
    }
    line_writer& text(std::string_view key, std::string_view value) {
        if (value.empty()) return *this;
        begin(key);
        append(value);
        return *this;
    }
    line_writer& number(std::string_view key, std::uint64_t value) {
        begin(key);
        line_ += std::to_string(value);
        return *this;
    }
    line_writer& units(std::string_view key, double value) {
        begin(key);
        char out[32];
        auto const end = std::to_chars(out, out + sizeof(out), value).ptr;
        line_.append(out, end);
        return *this;
    }
    line_writer& time(std::string_view key, std::chrono::nanoseconds value) {
        begin(key);
        auto const us = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
        line_ += std::to_string(us / 1000);
        line_ += '.';
        std::string const rest = std::to_string(us % 1000);
        line_.append(3 - std::min<std::size_t>(rest.size(), 3), '0');
        line_ += rest;
        line_ += "ms";
        return *this;
    }
    line_writer& flag(std::string_view name, bool value) { return value ? word(name) : *this; }
    line_writer& code(error_code value, std::string_view service_code) {
        if (!value) return word("ok");
        // The text is the category's, because the service's message may quote values.
        text("error", service_code.empty() ? std::string_view(value.message()) : service_code);
        return *this;
    }
    line_writer& capacity(std::span<capacity_usage const> usage) {
        double read = 0;
        double write = 0;
        for (capacity_usage const& one : usage) {
            read += one.read_units;
            write += one.write_units;
        }
        if (read > 0) units("read_units", read);
        if (write > 0) units("write_units", write);
        return *this;
    }
    [[nodiscard]] std::string const& line() const noexcept { return line_; }

private:
    void begin(std::string_view key) {
        line_ += ' ';
        line_ += key;
        line_ += '=';
    }
    /// Escapes blanks and everything that is not printable ASCII, so that a value is one word and cannot break the
    /// line.
    void append(std::string_view value) {
        constexpr char digits[] = "0123456789abcdef";
        bool const cut = value.size() > longest_text;
        for (char const c : value.substr(0, longest_text)) {
            auto const byte = static_cast<unsigned char>(c);
            if (c == ' ') {
                line_ += '_';
            } else if (byte > 0x20 && byte < 0x7f) {
                line_ += c;
            } else {
                line_ += "\\x";
                line_ += digits[byte >> 4];
                line_ += digits[byte & 15];
            }
        }
        if (cut) line_ += "...";
    }

    std::string line_;
};

class log_observer final : public observer {
public:
    log_observer(log_level least, log_sink sink) : least_(least), sink_(std::move(sink)) {}

    void on_attempt_started(observed_call const& call, attempt_started const& e) noexcept override {
        write(log_level::debug, [&](line_writer& out) {
            begin(out, call).word("attempt").number("n", e.attempt).number("request_bytes", e.request_bytes);
        });
    }
    void on_attempt_finished(observed_call const& call, attempt_finished const& e) noexcept override {
        write(e.code ? log_level::warning : log_level::debug, [&](line_writer& out) {
            begin(out, call).word("attempt").number("n", e.attempt).code(e.code, e.service_code);
            if (e.http_status != 0) out.number("status", e.http_status);
            out.text("request_id", e.request_id)
                .number("request_bytes", e.request_bytes)
                .number("response_bytes", e.response_bytes)
                .flag("reused", e.reused_connection)
                .time("took", e.took);
        });
    }
    void on_retry(observed_call const& call, retry_scheduled const& e) noexcept override {
        write(log_level::warning, [&](line_writer& out) {
            begin(out, call).word("retry").number("after_attempt", e.attempt).code(e.code, e.service_code);
            out.time("delay", e.delay);
        });
    }
    void on_throttle_wait(observed_call const& call, throttle_waited const& e) noexcept override {
        write(log_level::info, [&](line_writer& out) {
            begin(out, call).word("throttle_wait").text("for_table", e.table).text("for_index", e.index);
            out.time("took", e.took).flag("gave_up", !e.passed);
        });
    }
    void on_hedge(observed_call const& call, hedge_finished const& e) noexcept override {
        write(log_level::info,
              [&](line_writer& out) { begin(out, call).word("hedge").time("after", e.after).flag("won", e.won); });
    }
    void on_call_finished(observed_call const& call, call_finished const& e) noexcept override {
        write(e.code ? log_level::error : log_level::info, [&](line_writer& out) {
            begin(out, call).code(e.code, e.service_code).number("attempts", e.attempts);
            out.flag("outcome_unknown", e.outcome_unknown).capacity(e.capacity).time("took", e.took);
        });
    }
    void on_credentials(credentials_fetched const& e) noexcept override {
        write(e.code ? log_level::error : log_level::debug, [&](line_writer& out) {
            out.word("credentials").code(e.code, {}).time("took", e.took);
            out.flag("expire", e.expires_at.has_value());
        });
    }
    void on_repeated_reads(relation_read_repeatedly const& e) noexcept override {
        write(log_level::warning, [&](line_writer& out) {
            out.word("repeated_reads").text("relation", e.relation).number("times", e.times).text("file", e.file);
            if (e.line != 0) out.number("line", e.line);
            out.text("function", e.function);
        });
    }
    void on_opened(http::connection_opened const& e) noexcept override {
        write(log_level::debug, [&](line_writer& out) {
            out.word("connection").number("n", e.number).word("opened").text("address", e.address);
            out.flag("tls", e.tls).flag("session_reused", e.session_reused).flag("through_proxy", e.through_proxy);
            out.time("took", e.took);
        });
    }
    void on_failed(http::connection_failed const& e) noexcept override {
        write(log_level::warning,
              [&](line_writer& out) { out.word("connection").word("failed").code(e.code, {}).time("took", e.took); });
    }
    void on_closed(http::connection_closed const& e) noexcept override {
        write(log_level::debug, [&](line_writer& out) {
            out.word("connection").number("n", e.number).word("closed").text("reason", to_string(e.reason));
            out.number("exchanges", e.exchanges).time("age", e.age);
        });
    }
    void on_queue_wait(http::queue_wait_ended const& e) noexcept override {
        write(log_level::debug, [&](line_writer& out) {
            out.word("connection").word("queue_wait").time("took", e.waited).flag("gave_up", !e.served);
        });
    }

private:
    line_writer& begin(line_writer& out, observed_call const& call) {
        out.word("call").word(std::to_string(call.number)).word(call.operation);
        // The first client's lines do not name it, because most logs are of one client. Further clients are named,
        // because each counts its calls from 1.
        std::uint64_t first = 0;
        if (!first_client_.compare_exchange_strong(first, call.client, std::memory_order_relaxed) &&
            first != call.client)
            out.number("client", call.client);
        return out.text("table", call.table).text("index", call.index).text("label", call.label);
    }
    template <class Fill> void write(log_level level, Fill fill) noexcept {
        if (level < least_) return;
        try {
            line_writer out;
            fill(out);
            sink_(level, out.line());
        } catch (...) {
            // Out of memory or an exception of the sink: only the line is lost, the call goes on.
        }
    }

    log_level least_;
    log_sink sink_;
    std::atomic<std::uint64_t> first_client_{0}; ///< The client whose lines do not name it.
};

} // namespace

std::string_view to_string(log_level level) noexcept {
    switch (level) {
    case log_level::debug:
        return "debug";
    case log_level::info:
        return "info";
    case log_level::warning:
        return "warning";
    case log_level::error:
        return "error";
    }
    return "";
}

std::shared_ptr<observer> make_log_observer(log_level least, log_sink sink) {
    if (!sink) throw_error(errc::invalid_argument, "sink: empty");
    return std::make_shared<log_observer>(least, std::move(sink));
}

} // namespace dynasio
