#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/operations/transact_get_items.hpp>
#include <dynasio/dynamodb/operations/transact_write_items.hpp>

#include <dynasio/core/error.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "checks.hpp"

namespace dynasio::dynamodb {
namespace {

constexpr std::size_t max_client_token_length = 36;

/// Items that a transaction has named so far. The same table may be named by its name and by its ARN; duplicates of
/// this kind are not found here but by the service.
class named_items {
public:
    explicit named_items(operation op) noexcept : op_(op) {}

    void add(std::string_view table, item const& key) {
        std::string identity(table);
        identity += '/';
        identity += detail::key_identity(key);
        if (!seen_.insert(std::move(identity)).second) {
            std::string text = detail::key_identity(key);
            text.pop_back();
            detail::refuse(errc::invalid_argument, op_, table, {},
                           "two actions of the transaction are on the item " + text + ": give it one action");
        }
    }

private:
    operation op_;
    std::unordered_set<std::string> seen_{};
};

struct action {
    std::string_view table;
    item const* key; ///< Null for a put, which does not show which of its attributes are the key.
    item const* whole;
};

void check_expression(operation op, std::string_view table, std::string_view member, std::string const& text) {
    if (text.empty())
        detail::refuse(errc::invalid_argument, op, table, {},
                       std::string(member) + " of an action is empty: give it an expression");
}

action checked_action(operation op, transact_write_item const& one) {
    int const given = (one.condition_check ? 1 : 0) + (one.put ? 1 : 0) + (one.delete_ ? 1 : 0) + (one.update ? 1 : 0);
    if (given != 1)
        detail::refuse(errc::invalid_argument, op, {}, {},
                       "an action is none or several of condition_check, put, delete_ and update: set one of them");
    if (one.put) {
        detail::check_table_name(op, one.put->table_name);
        if (one.put->item.empty())
            detail::refuse(errc::invalid_argument, op, one.put->table_name, {},
                           "an item has no attributes: it needs at least its key");
        return {one.put->table_name, nullptr, &one.put->item};
    }
    auto const with_key = [op](std::string const& table, item const& key) {
        detail::check_table_name(op, table);
        detail::check_key(op, table, key);
        return action{table, &key, nullptr};
    };
    if (one.delete_) return with_key(one.delete_->table_name, one.delete_->key);
    if (one.update) {
        action const out = with_key(one.update->table_name, one.update->key);
        check_expression(op, out.table, "update_expression", one.update->update_expression);
        return out;
    }
    action const out = with_key(one.condition_check->table_name, one.condition_check->key);
    check_expression(op, out.table, "condition_expression", one.condition_check->condition_expression);
    return out;
}

boost::asio::awaitable<transact_get_items_response>
one_for_each_key(boost::asio::awaitable<transact_get_items_response> asking, std::size_t keys, std::string table) {
    transact_get_items_response response = co_await std::move(asking);
    std::size_t const responses = response.responses ? response.responses->size() : 0;
    if (responses != keys)
        detail::refuse(errc::malformed_response, operation::transact_get_items, table, {},
                       "the answer has " + std::to_string(responses) + " responses to " + std::to_string(keys) +
                           " keys: which belongs to which cannot be known");
    co_return response;
}

} // namespace

boost::asio::awaitable<transact_get_items_response>
detail::check_answer(boost::asio::awaitable<transact_get_items_response> asking,
                     transact_get_items_request const& request) {
    auto const& items = request.transact_items;
    return one_for_each_key(std::move(asking), items.size(),
                            items.empty() ? std::string() : items.front().get.table_name);
}

void check(transact_get_items_request const& r) {
    detail::check_count(r.op, {}, "transact_items", r.transact_items.size(), 1, detail::max_transaction_actions);
    named_items seen(r.op);
    for (transact_get_item const& one : r.transact_items) {
        detail::check_table_name(r.op, one.get.table_name);
        detail::check_key(r.op, one.get.table_name, one.get.key);
        seen.add(one.get.table_name, one.get.key);
    }
}

void check(transact_write_items_request const& r) {
    detail::check_count(r.op, {}, "transact_items", r.transact_items.size(), 1, detail::max_transaction_actions);
    if (r.client_request_token)
        detail::check_text(r.op, {}, "client_request_token", *r.client_request_token, 1, max_client_token_length);
    std::map<std::string_view, item const*> samples;
    for (transact_write_item const& one : r.transact_items) {
        action const checked = checked_action(r.op, one);
        if (checked.key != nullptr) samples.emplace(checked.table, checked.key);
    }
    named_items seen(r.op);
    for (transact_write_item const& one : r.transact_items) {
        action const checked = checked_action(r.op, one);
        if (checked.key != nullptr) {
            seen.add(checked.table, *checked.key);
            continue;
        }
        // The key attributes of a put are known if another action names the same table by a key.
        auto const sample = samples.find(checked.table);
        if (sample == samples.end()) continue;
        item key;
        for (auto const& [name, unused] : *sample->second) {
            if (auto const found = checked.whole->find(name); found != checked.whole->end())
                key.emplace(name, found->second);
        }
        if (key.size() == sample->second->size()) seen.add(checked.table, key);
    }
}

} // namespace dynasio::dynamodb
