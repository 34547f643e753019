#include "guarded_writes.hpp"

#include <dynasio/dynamodb/detail/idempotency_token.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <boost/asio/error.hpp>

#include <utility>

#include "answer_members.hpp"
#include "cursor.hpp"

namespace dynasio::detail {

using dynamodb::operation;

namespace {

/// The token of a transaction that follows from the caller's own: the same in every process that has got as far, and
/// within the 36 characters that a token may have.
std::string token_after(std::string const& own, std::size_t round) {
    return "dynasio-" + fingerprint(own) + '-' + std::to_string(round);
}

} // namespace

guarded_writes::guarded_writes(std::vector<decided_write> writes, std::string table_prefix,
                               std::optional<std::string> token)
    : guarded_writes(transaction_write(std::move(writes), std::move(table_prefix)), std::move(token)) {}

guarded_writes::guarded_writes(transaction_write writes, std::optional<std::string> token)
    : transaction_(std::move(writes)), token_(std::move(token)), ended_(transaction_.empty()) {}

bool guarded_writes::is_alone() const noexcept {
    return !token_ && transaction_.size() == 1 && !writes().front().write.only_checks();
}

bool guarded_writes::removes_nothing() const noexcept {
    if (!is_alone()) return false;
    item_write const& write = writes().front().write;
    return write.operation() == operation::delete_item && write.touches_unique() && !write.expected().exists;
}

std::string guarded_writes::next_token() {
    std::size_t const round = transactions_++;
    if (token_) return round == 0 ? *token_ : token_after(*token_, round);
    std::string made;
    dynamodb::detail::append_idempotency_token(made);
    return made;
}

operation guarded_writes::operation() const noexcept {
    if (asks_because_) return operation::get_item;
    return is_alone() ? writes().front().write.operation() : operation::transact_write_items;
}

std::optional<guarded_writes::request> guarded_writes::next(time_point /*now*/) {
    if (!ready({})) return std::nullopt;
    under_way_ = true;
    request made{0, operation(), {}};
    if (asks_because_) {
        made.body = transaction_.question();
    } else if (is_alone()) {
        item_write const& write = writes().front().write;
        made.body = write.body();
        made.repeatable = write.repeatable();
        made.about = write.subject();
    } else {
        transaction_.append_body(made.body, next_token());
        made.about = transaction_.subject();
        made.repeats_cancelled = true;
    }
    return made;
}

void guarded_writes::end(error const& e) {
    ended_ = true;
    failed_.emplace(e);
}

void guarded_writes::go_on(guard_plan::next next, error const& because) {
    asks_because_.reset();
    switch (next) {
    case guard_plan::next::again:
        // What was to be removed is gone; an attempt of this call whose answer was lost may have removed it.
        if (removes_nothing()) {
            existed_ = because.info().outcome_unknown;
            ended_ = true;
        }
        return;
    case guard_plan::next::ask:
        asks_because_.emplace(because);
        return;
    case guard_plan::next::refuse:
        end(transaction_.refusal(because));
        return;
    case guard_plan::next::nothing:
        break;
    }
    end(because);
}

void guarded_writes::on_answer(std::size_t /*id*/, answer const& got) {
    under_way_ = false;
    bool const asked = asks_because_.has_value();
    try {
        if (asked) {
            auto const because = *asks_because_;
            read_units_ += spent_units(got.reply.body());
            go_on(transaction_.answer(member_value(got.reply.body(), "Item")), because);
            return;
        }
        bool const alone = is_alone();
        auto const read = read_write_answer(got.reply.body());
        write_units_ += read.write_units;
        // A removal in a transaction has found the values that it expected.
        existed_ = !alone || read.existed || got.repeated_in_doubt;
        ended_ = true;
    } catch (error const& e) {
        diagnostics d = e.info();
        // Status 200 with an unreadable body may be a success of the service or the answer of a proxy.
        add_context(d, {.operation = to_string(operation()), .outcome_unknown = !asked});
        throw_error(e.code(), std::move(d));
    }
}

void guarded_writes::describe(std::size_t /*id*/, diagnostics& d) const {
    add_context(d, {.operation = to_string(operation())});
}

bool guarded_writes::takes_failure(std::size_t id, error const& e) {
    if (e.code() == boost::asio::error::operation_aborted) return false;
    under_way_ = false;
    if (asks_because_) {
        auto const because = *std::exchange(asks_because_, std::nullopt);
        // A guard that was made by hand may name what is no key of the table. Then nobody can tell whose the value is.
        end(e.code() == service_errc::validation ? transaction_.refusal(because) : e);
        return true;
    }
    item_write const& first = writes().front().write;
    bool const alone = is_alone();
    if (alone && first.met_itself(e)) {
        ended_ = true;
        return true;
    }
    try {
        auto reasons = e.info().cancellation_reasons;
        if (alone && e.code() == service_errc::conditional_check_failed)
            reasons.assign(1, {"ConditionalCheckFailed", {}, e.info().item});
        auto const next = transaction_.learn(reasons);
        if (next != guard_plan::next::nothing) {
            go_on(next, e);
            return true;
        }
    } catch (error const& why) {
        end(why);
        return true;
    }
    on_failure(id, e);
    // One write speaks for itself, unless the service has said what became of each action.
    bool const one = writes().size() == 1 && e.info().cancellation_reasons.empty();
    end(one ? first.meaning_of(e) : transaction_.meaning_of(e));
    return true;
}

void guarded_writes::on_failure(std::size_t /*id*/, error const& e) {
    if (!e.info().outcome_unknown || asks_because_) return;
    for (auto const& each : writes()) each.write.keep_key();
}

} // namespace dynasio::detail
