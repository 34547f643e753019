#include "waiter.hpp"

#include <dynasio/dynamodb/operations/describe_contributor_insights.hpp>
#include <dynasio/dynamodb/operations/describe_export.hpp>
#include <dynasio/dynamodb/operations/describe_import.hpp>
#include <dynasio/dynamodb/operations/describe_kinesis_streaming_destination.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace dynasio::dynamodb::detail {
namespace {

template <class Enum> std::string text_of(std::optional<enumeration<Enum>> const& status) {
    return status ? std::string(status->text()) : std::string("unknown");
}

template <class Enum> bool is(std::optional<enumeration<Enum>> const& status, Enum value) {
    return status && *status == value;
}

bool indexes_are_active(table_description const& table) {
    if (!table.global_secondary_indexes) return true;
    return std::all_of(table.global_secondary_indexes->begin(), table.global_secondary_indexes->end(),
                       [](global_secondary_index_description const& index) {
                           return !index.index_status || *index.index_status == index_status::active;
                       });
}

sighting no_such_thing() { return {wait_verdict::again, "it does not exist"}; }

} // namespace

sighting judge_table_exists(describe_table_response const* answer) {
    if (answer == nullptr) return no_such_thing();
    if (!answer->table) return {wait_verdict::again, "unknown"};
    bool const active = is(answer->table->table_status, table_status::active);
    return {active ? wait_verdict::reached : wait_verdict::again, text_of(answer->table->table_status)};
}

sighting judge_table_usable(describe_table_response const* answer) {
    sighting out = judge_table_exists(answer);
    if (out.verdict == wait_verdict::reached && !indexes_are_active(*answer->table))
        return {wait_verdict::again, "ACTIVE, but an index is not"};
    return out;
}

sighting judge_table_gone(describe_table_response const* answer) {
    if (answer == nullptr) return {wait_verdict::reached, {}};
    return {wait_verdict::again, judge_table_exists(answer).state};
}

sighting judge_export(describe_export_response const* answer) {
    if (answer == nullptr || !answer->export_description) return {wait_verdict::again, "unknown"};
    auto const& status = answer->export_description->export_status;
    wait_verdict verdict = wait_verdict::again;
    if (is(status, export_status::completed)) verdict = wait_verdict::reached;
    if (is(status, export_status::failed)) verdict = wait_verdict::failed;
    return {verdict, text_of(status)};
}

sighting judge_import(describe_import_response const* answer) {
    if (answer == nullptr || !answer->import_table_description) return {wait_verdict::again, "unknown"};
    auto const& status = answer->import_table_description->import_status;
    wait_verdict verdict = wait_verdict::again;
    if (is(status, import_status::completed)) verdict = wait_verdict::reached;
    if (is(status, import_status::failed) || is(status, import_status::cancelled)) verdict = wait_verdict::failed;
    return {verdict, text_of(status)};
}

sighting judge_contributor_insights(describe_contributor_insights_response const* answer) {
    if (answer == nullptr) return {wait_verdict::again, "unknown"};
    auto const& status = answer->contributor_insights_status;
    wait_verdict verdict = wait_verdict::again;
    if (is(status, contributor_insights_status::enabled)) verdict = wait_verdict::reached;
    if (is(status, contributor_insights_status::failed)) verdict = wait_verdict::failed;
    return {verdict, text_of(status)};
}

sighting judge_kinesis_streaming(describe_kinesis_streaming_destination_response const* answer) {
    if (answer == nullptr || !answer->kinesis_data_stream_destinations ||
        answer->kinesis_data_stream_destinations->empty())
        return {wait_verdict::again, "no stream"};
    std::size_t ended = 0;
    std::string states;
    for (kinesis_data_stream_destination const& one : *answer->kinesis_data_stream_destinations) {
        if (is(one.destination_status, destination_status::active)) return {wait_verdict::reached, "ACTIVE"};
        if (is(one.destination_status, destination_status::disabled) ||
            is(one.destination_status, destination_status::enable_failed))
            ++ended;
        if (!states.empty()) states += ", ";
        states += text_of(one.destination_status);
    }
    bool const hopeless = ended == answer->kinesis_data_stream_destinations->size();
    return {hopeless ? wait_verdict::failed : wait_verdict::again, std::move(states)};
}

waiter::waiter(poll_options poll) {
    auto const pause = [](char const* member, std::chrono::milliseconds given) {
        if (given.count() <= 0) throw_error(errc::invalid_argument, std::string(member) + ": must be positive");
        return std::min<std::chrono::milliseconds>(given, std::chrono::hours(24)); // so that doubling cannot overflow
    };
    delay_ = pause("poll_options::first_delay", poll.first_delay);
    longest_ = std::max(pause("poll_options::max_delay", poll.max_delay), delay_);
}

bool waiter::saw(sighting seen, char const* goal, char const* operation, std::string const& subject) {
    state_ = std::move(seen.state);
    if (seen.verdict != wait_verdict::failed) return seen.verdict == wait_verdict::reached;
    diagnostics d;
    d.operation = operation;
    d.table = subject;
    d.message = std::string("waited for ") + goal + ", which will not come: the state is " + state_;
    throw_error(errc::wait_failed, std::move(d));
}

void waiter::out_of_time(errc code, char const* goal, char const* operation, std::string const& subject) const {
    diagnostics d;
    d.operation = operation;
    d.table = subject;
    d.message = std::string("waited for ") + goal + ", " +
                (state_.empty() ? std::string("and got no answer") : "last state: " + state_);
    throw_error(code, std::move(d));
}

} // namespace dynasio::dynamodb::detail
