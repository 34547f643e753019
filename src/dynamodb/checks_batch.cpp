#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/operations/batch_get_item.hpp>
#include <dynasio/dynamodb/operations/batch_write_item.hpp>

#include <dynasio/core/error.hpp>

#include <string>
#include <unordered_set>
#include <utility>

#include "checks.hpp"

namespace dynasio::dynamodb {

void check(batch_get_item_request const& r) {
    std::size_t count = 0;
    for (auto const& [table, wanted] : r.request_items) {
        detail::check_table_name(r.op, table);
        count += wanted.keys.size();
        if (count > detail::max_batch_keys)
            detail::refuse(errc::batch_too_large, r.op, table, {},
                           "more than 100 keys: split them, or use read_batch(), which takes any number");
        std::unordered_set<std::string> seen;
        for (item const& key : wanted.keys) {
            detail::check_key(r.op, table, key);
            std::string identity = detail::key_identity(key);
            if (seen.contains(identity))
                detail::refuse(errc::invalid_argument, r.op, table, {},
                               "the key " + identity.substr(0, identity.size() - 1) +
                                   " is in the batch twice: give it once, or use read_batch()");
            seen.insert(std::move(identity));
        }
    }
    if (count == 0) detail::refuse(errc::invalid_argument, r.op, {}, {}, "there are no keys: give at least one");
}

void check(batch_write_item_request const& r) {
    std::size_t count = 0;
    for (auto const& [table, writes] : r.request_items) {
        detail::check_table_name(r.op, table);
        count += writes.size();
        if (count > detail::max_batch_writes)
            detail::refuse(errc::batch_too_large, r.op, table, {},
                           "more than 25 writes: split them, or use write_batch(), which takes any number");
        // A delete shows which attributes are the key. Without a delete, two puts of the same item cannot be recognised
        // here.
        item const* sample = nullptr;
        for (write_request const& write : writes) {
            if (write.put_request.has_value() == write.delete_request.has_value())
                detail::refuse(errc::invalid_argument, r.op, table, {},
                               "a write is neither or both of put_request and delete_request: set one of them");
            if (write.put_request && write.put_request->item.empty())
                detail::refuse(errc::invalid_argument, r.op, table, {},
                               "an item has no attributes: it needs at least its key");
            if (!write.delete_request) continue;
            detail::check_key(r.op, table, write.delete_request->key);
            sample = &write.delete_request->key;
        }
        if (sample == nullptr) continue;
        std::unordered_set<std::string> seen;
        for (write_request const& write : writes) {
            item key;
            for (auto const& [name, unused] : *sample) {
                item const& all = write.put_request ? write.put_request->item : write.delete_request->key;
                if (auto const found = all.find(name); found != all.end()) key.emplace(name, found->second);
            }
            // A write that lacks a part of the key is left to the service, which reports it.
            if (key.size() != sample->size()) continue;
            std::string identity = detail::key_identity(key);
            if (seen.contains(identity))
                detail::refuse(errc::invalid_argument, r.op, table, {},
                               "two writes of the batch have the key " + identity.substr(0, identity.size() - 1) +
                                   ": keep the last one, or use write_batch()");
            seen.insert(std::move(identity));
        }
    }
    if (count == 0) detail::refuse(errc::invalid_argument, r.op, {}, {}, "there are no writes: give at least one");
}

} // namespace dynasio::dynamodb
