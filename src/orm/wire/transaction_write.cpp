#include "transaction_write.hpp"

#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <span>
#include <utility>

#include "table_name.hpp"

namespace dynasio::detail {

namespace {

using dynamodb::detail::max_transaction_actions;
using dynamodb::detail::max_transaction_size;
using dynamodb::detail::service_code_of;

/// "the User with the key {…}", or the row of a link.
std::string words_for(decided_write const& one) {
    std::string const key = " with the key " + one.write.key();
    if (!one.relation_path.empty()) return "the link of " + one.relation_path + key;
    return "the entity " + std::string(one.write.entity_name()) + key;
}

bool passes_by_itself(service_errc code) noexcept {
    return code == service_errc::transaction_conflict || code == service_errc::throttling ||
           code == service_errc::provisioned_throughput_exceeded;
}

diagnostics about(decided_write const& one) {
    diagnostics d;
    d.entity = one.write.entity_name();
    d.relation_path = one.relation_path;
    d.key = one.write.key();
    return d;
}

/// What a reason other than a failed condition means for its item.
std::string told(service_errc code, std::string const& item, cancellation_reason const& reason) {
    std::string text = "the transaction was cancelled and nothing was written, because ";
    switch (code) {
    case service_errc::transaction_conflict:
        return text + "another request was writing " + item + "; try again";
    case service_errc::throttling:
    case service_errc::provisioned_throughput_exceeded:
        return text + item + " is in a table that is throttled; try again later";
    default:
        return text + "of " + item + ": " + reason.code;
    }
}

} // namespace

std::size_t decisive_reason(std::vector<cancellation_reason> const& reasons) noexcept {
    std::size_t first = reasons.size();
    for (std::size_t i = reasons.size(); i-- > 0;)
        if (reasons[i].failed()) first = i;
    for (std::size_t i = first; i < reasons.size(); ++i)
        if (reasons[i].failed() && !passes_by_itself(service_code_of(reasons[i]))) return i;
    return first;
}

transaction_write::transaction_write(std::vector<decided_write> writes, std::string table_prefix)
    : writes_(std::move(writes)), table_prefix_(std::move(table_prefix)) {
    decide_guards();
    check();
}

bool transaction_write::touches_unique() const noexcept {
    return std::any_of(writes_.begin(), writes_.end(),
                       [](decided_write const& one) { return one.write.touches_unique(); });
}

void transaction_write::decide_guards() {
    guards_.decide(writes_);
    check_count();
}

void transaction_write::refuse(errc code, decided_write const& one, std::string message) const {
    diagnostics d = about(one);
    d.table = physical_table(table_prefix_, one.write.table());
    d.message = std::move(message);
    throw_error(code, std::move(d));
}

void transaction_write::check_count() const {
    if (size() <= max_transaction_actions) return;
    std::string message = "a transaction has at most " + std::to_string(max_transaction_actions) +
                          " writes, and this one has " + std::to_string(size());
    if (changes_guards()) message += ", with " + std::to_string(guards_.size()) + " of guards of unique<> members";
    if (writes_.size() <= max_transaction_actions) refuse(errc::batch_too_large, writes_.back(), std::move(message));
    decided_write const& one = writes_[max_transaction_actions];
    refuse(errc::batch_too_large, one, message + "; the first one too many is that of " + words_for(one));
}

void transaction_write::check() const {
    distinct_items items;
    std::size_t text_size = 0;
    std::string text;
    for (auto const& one : writes_) {
        if (!one.write.fits_transaction())
            refuse(errc::invalid_argument, one,
                   words_for(one) + " has nothing but its key, so that a transaction cannot save it; create() it, or "
                                    "require() it");
        items.add(one.write, "a transaction writes an item once; make one write of them");
        text.clear();
        one.write.append_transaction_entry(text);
        text_size += text.size();
    }
    if (text_size <= max_transaction_size) return;
    std::size_t stored = 0, largest = 0, largest_size = 0;
    for (std::size_t i = 0; i < writes_.size(); ++i) {
        auto const each = writes_[i].write.least_size();
        stored += each;
        if (each <= largest_size) continue;
        largest = i;
        largest_size = each;
    }
    if (stored <= max_transaction_size) return;
    decided_write const& one = writes_[largest];
    refuse(errc::batch_too_large, one,
           "the items of a transaction have at most 4 MB together, and these have " + std::to_string(stored) +
               " bytes; the largest is " + words_for(one) + " with " + std::to_string(largest_size) + " bytes");
}

void transaction_write::append_body(std::string& out, std::string_view token) const {
    out += R"({"TransactItems":[)";
    for (std::size_t i = 0; i < writes_.size(); ++i) {
        if (i != 0) out += ',';
        writes_[i].write.append_transaction_entry(out);
    }
    guards_.append_entries(out, table_prefix_);
    out += R"(],"ClientRequestToken":)";
    dynamodb::append_json_string(out, token);
    out += '}';
}

dynamodb::detail::request_subject transaction_write::subject() const noexcept {
    dynamodb::detail::request_subject subject;
    subject.tell = &transaction_write::tell;
    subject.who = this;
    return subject;
}

void transaction_write::tell(dynamodb::detail::request_subject const& self, std::string_view body,
                             std::string_view prefix, dynamodb::detail::request_targets& out) {
    auto const& transaction = *static_cast<transaction_write const*>(self.who);
    for (auto const& one : transaction.writes_) {
        auto const subject = one.write.subject();
        subject.tell(subject, body, prefix, out);
    }
    transaction.guards_.tell(prefix, out);
}

guard_plan::next transaction_write::learn(std::vector<cancellation_reason> const& reasons) {
    using next = guard_plan::next;
    // Each round follows a change that somebody else has made meanwhile, or a guard that is left or taken over.
    constexpr std::size_t most_changes = 16;
    if (reasons.size() != size() || !touches_unique() || ++rounds_ > most_changes + size()) return next::nothing;
    bool changed = false;
    for (std::size_t i = 0; i < writes_.size(); ++i) {
        if (service_code_of(reasons[i]) != service_errc::conditional_check_failed) continue;
        if (!writes_[i].write.failed_the_expectation(reasons[i].item)) return next::nothing;
    }
    for (std::size_t i = 0; i < writes_.size(); ++i) {
        if (service_code_of(reasons[i]) != service_errc::conditional_check_failed) continue;
        writes_[i].write.expect(reasons[i].item);
        changed = true;
    }
    if (!changed) return guards_.learn(std::span(reasons).subspan(writes_.size()), writes_);
    decide_guards();
    return next::again;
}

guard_plan::next transaction_write::answer(std::string_view item) {
    auto const next = guards_.answer(item, writes_);
    check_count();
    return next;
}

void transaction_write::apply() const {
    for (auto const& one : writes_) one.apply();
}

error transaction_write::meaning_of_action(std::size_t i, error const& e) const {
    if (i >= writes_.size()) return meaning_of_guard(i, e);
    decided_write const& one = writes_[i];
    auto const& reason = e.info().cancellation_reasons[i];
    auto const code = service_code_of(reason);
    diagnostics d = e.info();
    d.entity = one.write.entity_name();
    d.relation_path = one.relation_path;
    d.table = physical_table(table_prefix_, one.write.table());
    d.key = one.write.key();
    d.item = reason.item;
    if (code == service_errc::conditional_check_failed && one.write.failed_the_expectation(reason.item)) {
        d.message = "others changed the unique<> members of " + words_for(one) +
                    " again and again while it was to be written; try again later";
        return error(make_error_code(service_errc::transaction_conflict), std::move(d));
    }
    if (code == service_errc::conditional_check_failed)
        return one.write.meaning_of(error(make_error_code(code), std::move(d)));
    std::string message = told(code, words_for(one), reason);
    if (!d.message.empty()) message += "; " + d.message;
    d.message = std::move(message);
    return error(make_error_code(code), std::move(d));
}

error transaction_write::meaning_of_guard(std::size_t i, error const& e) const {
    decided_write const& one = writes_[guards_.write_of(i - writes_.size())];
    auto const& reason = e.info().cancellation_reasons[i];
    auto const code = service_code_of(reason);
    diagnostics d = e.info();
    d.entity = one.write.entity_name();
    d.table = physical_table(table_prefix_, one.write.table());
    d.key = one.write.key();
    std::string message = told(code, words_for_action(i), reason);
    if (!d.message.empty()) message += "; " + d.message;
    d.message = std::move(message);
    return error(
        make_error_code(code == service_errc::conditional_check_failed ? service_errc::transaction_conflict : code),
        std::move(d));
}

std::string transaction_write::words_for_action(std::size_t i) const {
    if (i < writes_.size()) return detail::words_for(writes_[i]);
    std::size_t const guard = i - writes_.size();
    return guards_.words_for(guard) + " of " + detail::words_for(writes_[guards_.write_of(guard)]);
}

error transaction_write::meaning_of(error const& e) const {
    if (e.info().outcome_unknown)
        for (auto const& one : writes_) one.write.keep_key();
    auto const& reasons = e.info().cancellation_reasons;
    auto decisive = size();
    if (reasons.size() == size()) {
        // What was learned of unique<> members is no cause while there is another one.
        auto causes = reasons;
        for (std::size_t i = 0; i < writes_.size(); ++i)
            if (writes_[i].write.failed_the_expectation(reasons[i].item) &&
                service_code_of(reasons[i]) == service_errc::conditional_check_failed)
                causes[i] = {};
        decisive = decisive_reason(causes);
        if (decisive == size()) decisive = decisive_reason(reasons);
    }
    if (decisive == size()) {
        diagnostics d = e.info();
        if (d.outcome_unknown && !empty())
            d.message += (d.message.empty() ? "" : "; ") + std::string("the first of its ") +
                         std::to_string(writes_.size()) + " writes is that of " + words_for(writes_.front());
        return error(e.code(), std::move(d));
    }
    error const found = meaning_of_action(decisive, e);
    diagnostics d = found.info();
    std::string others;
    for (std::size_t i = 0; i < size(); ++i) {
        if (i == decisive || !reasons[i].failed()) continue;
        others += others.empty() ? "; also refused: " : ", ";
        others += words_for_action(i) + " (" + reasons[i].code + ')';
    }
    d.message += others;
    return error(found.code(), std::move(d));
}

} // namespace dynasio::detail
