#include <dynasio/dynamodb/telemetry_observer.hpp>

#include <charconv>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace dynasio {
namespace {

void append_number(std::string& out, double value) {
    char text[32];
    auto const end = std::to_chars(text, text + sizeof(text), value).ptr;
    out.append(text, end);
}

/// Writes a usage as the service writes ConsumedCapacity. Names of tables and indexes have no characters to escape.
std::string capacity_json(capacity_usage const& one) {
    std::string out = R"({"TableName":")" + one.table + '"';
    if (!one.index.empty()) out += R"(,"IndexName":")" + one.index + '"';
    out += R"(,"ReadCapacityUnits":)";
    append_number(out, one.read_units);
    out += R"(,"WriteCapacityUnits":)";
    append_number(out, one.write_units);
    return out + '}';
}

double seconds(std::chrono::nanoseconds value) { return std::chrono::duration<double>(value).count(); }

class telemetry_observer final : public observer {
public:
    explicit telemetry_observer(telemetry_sink sink) : sink_(std::move(sink)) {}

    void on_throttle_wait(observed_call const& call, throttle_waited const& e) noexcept override {
        guarded([&] { change(call, [&](progress& noted) { noted.throttled += e.took; }); });
    }
    void on_hedge(observed_call const& call, hedge_finished const&) noexcept override {
        guarded([&] { change(call, [](progress& noted) { ++noted.hedges; }); });
    }
    void on_attempt_finished(observed_call const& call, attempt_finished const& e) noexcept override {
        guarded([&] {
            change(call, [&](progress& noted) { noted.request_id = e.request_id; });
            if (!e.sent) return; // no request was made
            std::vector<telemetry_attribute> attributes;
            add(attributes, "http.request.method", std::string_view("POST"));
            add(attributes, "url.full", call.endpoint);
            add_server(attributes, call);
            add(attributes, "network.protocol.name", std::string_view("http"));
            add(attributes, "network.protocol.version", std::string_view("1.1"));
            if (e.http_status != 0)
                add(attributes, "http.response.status_code", static_cast<std::int64_t>(e.http_status));
            if (e.attempt > 1) add(attributes, "http.request.resend_count", static_cast<std::int64_t>(e.attempt - 1));
            add(attributes, "http.request.size", static_cast<std::int64_t>(e.request_bytes));
            add(attributes, "http.response.body.size", static_cast<std::int64_t>(e.response_bytes));
            std::string const status = std::to_string(e.http_status);
            std::string const transport = e.code ? e.code.message() : std::string();
            if (e.code) add(attributes, "error.type", e.http_status != 0 ? status : transport);
            if (!e.request_id.empty()) add(attributes, "aws.request_id", e.request_id);
            telemetry_span span;
            span.name = "POST";
            span.request = true;
            span.error = static_cast<bool>(e.code);
            span.start = std::chrono::steady_clock::now() - e.took;
            span.duration = e.took;
            give(span, call, attributes);
        });
    }
    void on_call_finished(observed_call const& call, call_finished const& e) noexcept override {
        guarded([&] {
            progress const noted = take(call);
            std::string const method(call.operation);
            std::string const name = "DynamoDB." + method;
            std::vector<telemetry_attribute> attributes;
            add(attributes, "db.system.name", std::string_view("aws.dynamodb"));
            add(attributes, "db.operation.name", call.operation);
            if (call.tables.size() == 1) add(attributes, "db.collection.name", call.table);
            add(attributes, "rpc.system", std::string_view("aws-api"));
            add(attributes, "rpc.service", std::string_view("DynamoDB"));
            add(attributes, "rpc.method", call.operation);
            if (!call.tables.empty()) add(attributes, "aws.dynamodb.table_names", call.tables);
            if (!call.index.empty()) add(attributes, "aws.dynamodb.index_name", call.index);
            if (!noted.request_id.empty()) add(attributes, "aws.request_id", std::string_view(noted.request_id));
            add(attributes, "cloud.region", call.region);
            add_server(attributes, call);
            std::string const type = e.code && e.service_code.empty() ? e.code.message() : std::string(e.service_code);
            if (e.code) {
                if (!e.service_code.empty()) add(attributes, "db.response.status_code", e.service_code);
                add(attributes, "error.type", std::string_view(type));
            }
            std::vector<std::string> texts;
            texts.reserve(e.capacity.size());
            for (capacity_usage const& one : e.capacity) texts.push_back(capacity_json(one));
            std::vector<std::string_view> const views(texts.begin(), texts.end());
            if (!views.empty())
                add(attributes, "aws.dynamodb.consumed_capacity", std::span<std::string_view const>(views));
            if (!call.label.empty()) add(attributes, "dynasio.label", call.label);
            add(attributes, "dynasio.attempts", static_cast<std::int64_t>(e.attempts));
            if (noted.hedges > 0) add(attributes, "dynasio.hedges", noted.hedges);
            if (noted.throttled.count() > 0) add(attributes, "dynasio.throttle_wait", seconds(noted.throttled));
            if (e.outcome_unknown) add(attributes, "dynasio.outcome_unknown", true);
            telemetry_span span;
            span.name = name;
            span.error = static_cast<bool>(e.code);
            span.start = call.started;
            span.duration = e.took;
            give(span, call, attributes);
        });
    }

private:
    /// The collected data of a running call.
    struct progress {
        std::string request_id{};
        std::int64_t hedges = 0;
        std::chrono::nanoseconds throttled{};
    };
    /// Each client counts its calls from 1.
    using call_id = std::pair<std::uint64_t, std::uint64_t>;
    static call_id id_of(observed_call const& call) noexcept { return {call.client, call.number}; }

    template <class Change> void change(observed_call const& call, Change apply) {
        std::lock_guard const lock(mutex_);
        apply(open_[id_of(call)]);
    }
    progress take(observed_call const& call) {
        std::lock_guard const lock(mutex_);
        auto node = open_.extract(id_of(call));
        return node ? std::move(node.mapped()) : progress();
    }

    static void add(std::vector<telemetry_attribute>& out, std::string_view key,
                    telemetry_attribute::value_type value) {
        telemetry_attribute made;
        made.key = key;
        made.value = value;
        out.push_back(made);
    }
    static void add_server(std::vector<telemetry_attribute>& out, observed_call const& call) {
        add(out, "server.address", call.host);
        add(out, "server.port", static_cast<std::int64_t>(call.port));
    }
    void give(telemetry_span& span, observed_call const& call, std::vector<telemetry_attribute> const& attributes) {
        span.client = call.client;
        span.call = call.number;
        span.trace_id = call.trace_id;
        span.attributes = attributes;
        sink_(span);
    }
    template <class Do> static void guarded(Do what) noexcept {
        try {
            what();
        } catch (...) {
            // Out of memory or an exception of the sink: only the span is lost, the call goes on.
        }
    }

    telemetry_sink sink_;
    std::mutex mutex_; ///< Protects the members below: clients on several threads may share it.
    std::map<call_id, progress> open_{};
};

} // namespace

std::shared_ptr<observer> make_telemetry_observer(telemetry_sink sink) {
    if (!sink) throw_error(errc::invalid_argument, "sink: empty");
    return std::make_shared<telemetry_observer>(std::move(sink));
}

} // namespace dynasio
