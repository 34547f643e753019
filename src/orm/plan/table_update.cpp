#include "table_update.hpp"

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "table_comparison.hpp"

namespace dynasio::detail {

using dynamodb::create_table_request;
using dynamodb::global_secondary_index;
using dynamodb::global_secondary_index_description;
using dynamodb::index_status;
using dynamodb::key_schema_element;
using dynamodb::table_description;

namespace {

bool is_index_going(global_secondary_index_description const& index) {
    return index.index_status && *index.index_status == index_status::deleting;
}

template <class Indexes> auto const* find_index(std::optional<Indexes> const& all, std::string_view name) {
    decltype(&all->front()) found = nullptr;
    if (all)
        for (auto const& one : *all)
            if (one.index_name == name) found = &one;
    return found;
}

/// The type of an attribute: "S", "N" or "B"; empty when it is not defined.
std::string_view type_in(std::optional<std::vector<dynamodb::attribute_definition>> const& all,
                         std::string const& name) {
    if (all)
        for (auto const& a : *all)
            if (a.attribute_name == name) return a.attribute_type.text();
    return {};
}

bool has(std::optional<std::vector<key_schema_element>> const& key, std::string const& attribute) {
    return key && std::any_of(key->begin(), key->end(), [&](auto const& e) { return e.attribute_name == attribute; });
}

class update_planner {
public:
    update_planner(create_table_request const& wanted, table_description table, unknown_indexes unknown)
        : wanted_(wanted), table_(std::move(table)), drops_(unknown == unknown_indexes::drop) {
        // An index that is being deleted is as good as gone.
        if (table_.global_secondary_indexes) std::erase_if(*table_.global_secondary_indexes, is_index_going);
    }

    void differences() {
        for (auto& difference : compare_table(wanted_, table_)) {
            if (difference.kind == difference_kind::stream && view_of_stream(table_).empty())
                change(table_change_kind::enable_stream, "",
                       "enable the stream of changes with " +
                           std::string(wanted_.stream_specification->stream_view_type->text()));
            else if (difference.kind == difference_kind::no_global_index)
                add(*find_index(wanted_.global_secondary_indexes, difference.index));
            else
                conflict(std::move(difference), advice_on(difference.kind, difference.index));
        }
    }
    void time_to_live(std::string const& attribute, std::optional<std::string> const& found) {
        if (!found) return;
        auto difference = compare_ttl(wanted_.table_name, attribute, *found);
        if (!difference) return;
        if (found->empty())
            change(table_change_kind::enable_ttl, "", "enable the time to live by " + attribute);
        else
            conflict(std::move(*difference), "store the member as " + *found + " with attribute<…>{\"" + *found +
                                                 "\"}, or disable the one that there is with update_time_to_live()");
    }
    void unknown() {
        if (!drops_ || !table_.global_secondary_indexes) return;
        for (auto const& index : *table_.global_secondary_indexes)
            if (is_unknown(index) && !is_in_the_way(index)) drop(index);
    }

    [[nodiscard]] table_update take() && { return std::move(update_); }

private:
    [[nodiscard]] bool is_unknown(global_secondary_index_description const& index) const {
        return index.index_name && !find_index(wanted_.global_secondary_indexes, *index.index_name);
    }
    /// An attribute has one type in all keys of a table, so an index can keep another one from being added.
    [[nodiscard]] bool is_in_the_way(global_secondary_index_description const& index) const {
        return std::find(in_the_way_.begin(), in_the_way_.end(), index.index_name) != in_the_way_.end();
    }

    [[nodiscard]] std::string advice_on(difference_kind kind, std::string const& index) const {
        bool const is_local = find_index(wanted_.local_secondary_indexes, index) != nullptr;
        if (kind == difference_kind::key)
            return "a table keeps its key; name a new one with table{\"name\"} and copy the items";
        if (kind == difference_kind::stream)
            return "a stream holds what it was enabled with; disable it with update_table(), when its readers have "
                   "come to its end, and update the tables again";
        if (kind == difference_kind::no_local_index || is_local)
            return "local indexes are made with their table; declare a gsi, or name a new table with table{\"name\"}";
        return "an index stays as it was made; declare it under a new name";
    }

    void change(table_change_kind kind, std::string index, std::string message) {
        update_.changes.push_back(table_change{wanted_.table_name, kind, std::move(index), std::move(message)});
    }
    void conflict(table_difference difference, std::string const& advice) {
        difference.message += ": " + advice;
        update_.conflicts.push_back(std::move(difference));
    }
    void conflict(std::string const& index, std::string message, std::string const& advice) {
        conflict(table_difference{wanted_.table_name, index, std::move(message), difference_kind::index_key}, advice);
    }

    void add(global_secondary_index const& index) {
        if (find_index(table_.local_secondary_indexes, index.index_name))
            return conflict(index.index_name, "a local index has the name of the schema's global one",
                            "declare the global one under a new name");
        for (auto const& part : index.key_schema)
            if (!make_way(index.index_name, part.attribute_name)) return;
        change(table_change_kind::create_index, index.index_name,
               "add the index by " + text_of_key(index.key_schema, wanted_.attribute_definitions) + ", projecting " +
                   text_of_projection(index.projection));
    }
    /// Whether the attribute can be part of the key of a new index.
    bool make_way(std::string const& index, std::string const& attribute) {
        std::string const found(type_in(table_.attribute_definitions, attribute));
        std::string const expected(type_in(wanted_.attribute_definitions, attribute));
        if (found.empty() || found == expected) return true;
        std::string keeper;
        if (has(table_.key_schema, attribute)) keeper = "the table";
        if (table_.local_secondary_indexes)
            for (auto const& other : *table_.local_secondary_indexes)
                if (has(other.key_schema, attribute)) keeper = "the index " + other.index_name.value_or("");
        if (table_.global_secondary_indexes)
            for (auto const& other : *table_.global_secondary_indexes) {
                if (!has(other.key_schema, attribute) || is_in_the_way(other)) continue;
                if (drops_ && is_unknown(other)) {
                    in_the_way_.push_back(other.index_name);
                    drop(other);
                } else {
                    keeper = "the index " + other.index_name.value_or("");
                }
            }
        if (keeper.empty()) return true;
        conflict(index, attribute + " is " + found + " in the key of " + keeper + ", and the schema's is " + expected,
                 "store the member under another name with attribute<…>{\"name\"}");
        return false;
    }
    void drop(global_secondary_index_description const& index) {
        change(table_change_kind::drop_index, *index.index_name,
               "drop the index by " + text_of_key(index.key_schema, table_.attribute_definitions) +
                   ", which no schema names");
    }

    create_table_request const& wanted_;
    table_description table_;
    bool drops_;
    std::vector<std::optional<std::string>> in_the_way_{};
    table_update update_{};
};

/// "create the table by id (S), with the indexes by_city and by_name"
std::string text_of_creation(create_table_request const& wanted) {
    std::vector<std::string> names;
    if (wanted.global_secondary_indexes)
        for (auto const& index : *wanted.global_secondary_indexes) names.push_back(index.index_name);
    if (wanted.local_secondary_indexes)
        for (auto const& index : *wanted.local_secondary_indexes) names.push_back(index.index_name);
    std::string out = "create the table by " + text_of_key(wanted.key_schema, wanted.attribute_definitions);
    if (!names.empty()) out += names.size() == 1 ? ", with the index " : ", with the indexes ";
    for (std::size_t i = 0; i < names.size(); ++i)
        out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return out;
}

} // namespace

table_update plan_update(create_table_request const& wanted, std::string const& ttl_attribute, table_state const& state,
                         unknown_indexes unknown) {
    if (state.table == nullptr) {
        table_update update;
        auto const add = [&](table_change_kind kind, std::string message) {
            update.changes.push_back(table_change{wanted.table_name, kind, std::string(), std::move(message)});
        };
        add(table_change_kind::create_table, text_of_creation(wanted));
        if (wanted.stream_specification) update.changes.back().message += ", with a stream of changes";
        if (!ttl_attribute.empty()) add(table_change_kind::enable_ttl, "enable the time to live by " + ttl_attribute);
        return update;
    }
    update_planner planner(wanted, *state.table, unknown);
    planner.time_to_live(ttl_attribute, state.ttl_attribute);
    planner.differences();
    planner.unknown();
    return std::move(planner).take();
}

void refuse_conflicts(std::vector<table_difference> const& conflicts) {
    if (conflicts.empty()) return;
    diagnostics d;
    d.table = conflicts.front().table;
    d.index = conflicts.front().index;
    for (auto const& one : conflicts) {
        if (one.table != d.table) d.table.clear();
        if (one.table != conflicts.front().table || one.index != d.index) d.index.clear();
        if (!d.message.empty()) d.message += "; ";
        d.message += one.table + (one.index.empty() ? "" : ", index " + one.index) + ": " + one.message;
    }
    throw_error(errc::schema_conflict, std::move(d));
}

index_change::action index_change::saw(table_description const* table) {
    if (table == nullptr) {
        diagnostics d;
        d.table = wanted_->table_name;
        d.index = index_;
        d.message = "waited for the index " + index_ + ", and the table has been deleted meanwhile";
        throw_error(errc::wait_failed, std::move(d));
    }
    capacity_.reset();
    if (auto const& units = table->provisioned_throughput;
        units && units->read_capacity_units.value_or(0) > 0 && units->write_capacity_units.value_or(0) > 0)
        capacity_.emplace(*units->read_capacity_units, *units->write_capacity_units);
    auto const* const index = find_index(table->global_secondary_indexes, index_);
    return adds_ ? saw_adding(*table, index) : saw_dropping(*table, index);
}

index_change::action index_change::saw_adding(table_description const& table,
                                              global_secondary_index_description const* index) {
    state_ = index == nullptr       ? "there is none"
             : !index->index_status ? "ACTIVE"
                                    : std::string(index->index_status->text());
    if (index == nullptr) return ask(table);
    if (is_index_going(*index)) return action::wait;
    auto differences = compare_table(*wanted_, table);
    std::erase_if(differences, [&](table_difference const& d) { return d.index != index_; });
    for (auto& one : differences) one.message += ": another program has just made it; declare it under a new name";
    refuse_conflicts(differences);
    bool const active = state_ == "ACTIVE" && table.table_status == dynamodb::table_status::active;
    return active ? action::done : action::wait;
}

index_change::action index_change::saw_dropping(table_description const& table,
                                                global_secondary_index_description const* index) {
    state_ = index == nullptr ? "gone" : !index->index_status ? "ACTIVE" : std::string(index->index_status->text());
    if (index == nullptr) return table.table_status == dynamodb::table_status::active ? action::done : action::wait;
    return is_index_going(*index) ? action::wait : ask(table);
}

index_change::action index_change::ask(table_description const& table) {
    if (is_refused_) return action::give_up;
    if (is_requested_) return action::wait; // the description is older than the request
    bool const at_rest =
        table.table_status == dynamodb::table_status::active &&
        (!table.global_secondary_indexes ||
         std::all_of(table.global_secondary_indexes->begin(), table.global_secondary_indexes->end(),
                     [](auto const& i) { return !i.index_status || *i.index_status == index_status::active; }));
    return at_rest ? action::request : action::wait;
}

dynamodb::update_table_request index_change::request() const {
    dynamodb::update_table_request out(wanted_->table_name);
    auto& update = out.global_secondary_index_updates.emplace().emplace_back();
    if (!adds_) {
        update.delete_.emplace(index_);
        return out;
    }
    auto const& index = *find_index(wanted_->global_secondary_indexes, index_);
    update.create.emplace(index.index_name, index.key_schema, index.projection);
    update.create->provisioned_throughput = capacity_;
    auto& definitions = out.attribute_definitions.emplace();
    for (auto const& one : *wanted_->attribute_definitions)
        if (has(index.key_schema, one.attribute_name)) definitions.push_back(one);
    return out;
}

std::string index_change::goal() const {
    return "the index " + index_ + (adds_ ? " to be ACTIVE" : " to be gone") +
           (state_.empty() ? std::string() : ", last state: " + state_);
}

} // namespace dynasio::detail
