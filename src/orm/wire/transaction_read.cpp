#include "transaction_read.hpp"

#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <string_view>
#include <unordered_map>
#include <utility>

#include "answer_members.hpp"
#include "key_read.hpp"
#include "table_name.hpp"
#include "transaction_write.hpp"

namespace dynasio::detail {

using dynamodb::json_reader;
using dynamodb::detail::max_transaction_actions;

transaction_read::transaction_read(std::vector<planned_read> reads, std::string table_prefix)
    : reads_(std::move(reads)), table_prefix_(std::move(table_prefix)) {
    std::unordered_map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < reads_.size(); ++i) {
        auto const& one = reads_[i];
        std::string identity = one.type->table + '\0' + one.key.json();
        auto const [at, added] = known.try_emplace(std::move(identity), actions_.size());
        if (added) actions_.push_back(i);
        action_of_.push_back(at->second);
    }
    if (actions_.size() <= max_transaction_actions) return;
    throw_error(errc::batch_too_large, "one transaction reads at most " + std::to_string(max_transaction_actions) +
                                           " entities, and these are " + std::to_string(actions_.size()));
}

void transaction_read::append_body(std::string& out) const {
    out += R"({"TransactItems":[)";
    for (std::size_t i = 0; i < actions_.size(); ++i) {
        if (i != 0) out += ',';
        out += R"({"Get":)";
        static_cast<void>(append_get_item(out, table_prefix_, *read_of(i).type, read_of(i).key.json(), false));
        out += '}';
    }
    out += "]}";
}

dynamodb::detail::request_subject transaction_read::subject() const noexcept {
    dynamodb::detail::request_subject subject;
    subject.tell = &transaction_read::tell;
    subject.who = this;
    return subject;
}

void transaction_read::tell(dynamodb::detail::request_subject const& self, std::string_view, std::string_view prefix,
                            dynamodb::detail::request_targets& out) {
    auto const& reads = *static_cast<transaction_read const*>(self.who);
    for (std::size_t i = 0; i < reads.actions_.size(); ++i) {
        entity_type const& type = *reads.read_of(i).type;
        auto& target = out.targets.emplace_back();
        target.table = physical_table(prefix, type.table);
        target.partition_name = type[type.key.partition].name;
        target.key = dynamodb::detail::partition_fingerprint(target.partition_name,
                                                             partition_value(type, reads.read_of(i).key.json()));
    }
}

void transaction_read::read_item(std::size_t action, std::string_view json) const {
    for (std::size_t i = 0; i < reads_.size(); ++i) {
        if (action_of_[i] != action) continue;
        planned_read const& one = reads_[i];
        try {
            if (!read_get_item(json, one.key.json(), *one.type, one.make(one.place)).found) one.drop(one.place);
        } catch (error const& e) {
            diagnostics d = e.info();
            add_context(d, {.table = physical_table(table_prefix_, one.type->table), .entity = one.type->name});
            if (d.key.empty()) d.key = one.key.json();
            throw_error(e.code(), std::move(d));
        }
    }
}

double transaction_read::read_answer(std::string_view body) {
    double units = 0;
    std::size_t action = 0;
    try {
        json_reader in(body);
        std::string_view name;
        bool seen = false;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == "Responses") {
                note_member(in, seen, name);
                in.enter_array();
                while (in.next_element()) {
                    if (action == actions_.size()) in.fail("the answer has more items than were asked for");
                    read_item(action++, in.skip_value());
                }
            } else if (name == "ConsumedCapacity" && !in.read_if_null()) {
                units += read_capacity_units(in);
            } else {
                in.skip_value();
            }
        }
        in.finish();
        if (action != actions_.size()) in.fail("the answer has fewer items than were asked for");
    } catch (...) {
        for (auto const& one : reads_) one.drop(one.place);
        throw;
    }
    return units;
}

std::vector<std::pair<entity_type const*, void*>> transaction_read::awaiting_hooks() const {
    std::vector<std::pair<entity_type const*, void*>> found;
    for (auto const& one : reads_) {
        if (one.type->awaited_read_hooks.empty()) continue;
        if (void* const entity = one.at(one.place)) found.emplace_back(one.type, entity);
    }
    return found;
}

error transaction_read::meaning_of(error const& e) const {
    auto const& reasons = e.info().cancellation_reasons;
    auto const at = reasons.size() == actions_.size() ? decisive_reason(reasons) : actions_.size();
    if (at == actions_.size()) return e;
    planned_read const& one = read_of(at);
    diagnostics d = e.info();
    d.entity = one.type->name;
    d.table = physical_table(table_prefix_, one.type->table);
    d.key = one.key.json();
    auto const code = dynamodb::detail::service_code_of(reasons[at]);
    std::string message = "nothing was read, because ";
    message += code == service_errc::transaction_conflict ? "a transaction was writing " : "of ";
    message += "the entity " + one.type->name + " with the key " + d.key;
    message += code == service_errc::transaction_conflict ? "; try again" : ": " + reasons[at].code;
    if (!d.message.empty()) message += "; " + d.message;
    d.message = std::move(message);
    return error(make_error_code(code), std::move(d));
}

} // namespace dynasio::detail
