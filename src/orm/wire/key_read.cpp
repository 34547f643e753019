#include "key_read.hpp"

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/detail/json_scan.hpp>
#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "../type/item_values.hpp"
#include "../type/key_text.hpp"
#include "answer_members.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

using dynamodb::json_reader;
using dynamodb::detail::max_batch_keys;

// ---- GetItem

std::size_t append_get_item(std::string& out, std::string_view prefix, entity_type const& type, std::string_view key,
                            bool consistent) {
    out += R"({"TableName":)";
    append_physical_table(out, prefix, type.table);
    out += R"(,"Key":)";
    std::size_t const at = out.size();
    out += key;
    out += read_members(consistent);
    out += type.projection_members;
    out += '}';
    return at;
}

get_item_answer read_get_item(std::string_view body, std::string_view key, entity_type const& type, void* into) {
    get_item_answer answer;
    json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "Item") {
            if (in.read_if_null()) continue;
            note_member(in, answer.found, name);
            type.storage.name_handles(into);
            item_values found;
            type.decode(in, into, found);
            // A proxy could mix up the answers of two requests. An item with another key is refused, so that the caller
            // never receives the data of another key.
            if (!type.spells_key(key, found) && key_as_written(type, into, found) != key)
                in.fail("the answer holds an item that was not asked for");
        } else if (name == "ConsumedCapacity") {
            answer.read_units = read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();
    return answer;
}

double read_updated_item(std::string_view body, entity_type const& type, void* into) {
    double units = 0;
    bool found = false;
    json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "Attributes") {
            note_member(in, found, name);
            type.storage.name_handles(into);
            type.decode(in, into);
        } else if (name == "ConsumedCapacity") {
            units = read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();
    if (!found) in.fail("the answer lacks the item after the update");
    return units;
}

// ---- keys in answers

std::string read_key_respelt(entity_type const& type, std::string_view item) {
    json_reader in(item);
    dynamodb::item const attributes = dynamodb::read_item(in);
    auto const part = [&](attribute_index i) {
        std::string wire;
        if (auto const value = attributes.find(type[i].name); value != attributes.end())
            dynamodb::append_json(wire, value->second);
        return wire;
    };
    std::string const partition = part(type.key.partition);
    std::string const sort = type.key.sort ? part(*type.key.sort) : std::string();
    std::string key;
    if (!partition.empty() && (!type.key.sort || !sort.empty())) type.encode_key(key, partition, sort);
    return key;
}

std::string key_as_written(entity_type const& type, void const* entity, item_values const& found) {
    std::string key;
    if (!type.is_projection) {
        type.encode_key(key, entity);
        return key;
    }
    // A projection need not have members for the key.
    type.encode_key(key, found);
    return read_key_respelt(type, key);
}

std::string_view partition_value(std::string_view key, std::string_view partition, std::string_view sort) noexcept {
    std::size_t const begin = 1 + partition.size(); // behind the brace
    if (key.size() <= begin) return {};
    std::size_t end = key.size() - 1;
    if (!sort.empty()) {
        // JSON escapes quotes in strings, so a quoted name behind a comma cannot be a part of the value.
        end = key.find(sort, begin);
        if (end == std::string_view::npos) return {};
        --end; // the comma
    }
    return key.substr(begin, end - begin);
}

std::string_view partition_value(entity_type const& type, std::string_view key) noexcept {
    return partition_value(key, type[type.key.partition].json_name,
                           type.key.sort ? std::string_view(type[*type.key.sort].json_name) : std::string_view());
}

diagnostics unprocessed_keys(std::vector<std::string> keys, unsigned answers) {
    diagnostics d;
    d.message = (keys.size() == 1 ? "the key " + keys.front() : std::to_string(keys.size()) + " keys") +
                " stayed unprocessed after " + std::to_string(answers) +
                " answers in a row without progress; the table is throttled: try again later or raise its capacity";
    d.missing_keys = std::move(keys);
    return d;
}

// ---- BatchGetItem into known places

namespace {

constexpr std::size_t bucket_count = 256; // a power of two, more than twice max_batch_keys

/// The hash mixes in every word of a key, because the keys of a table often differ in few characters only. std::hash
/// was rejected: it takes as long as writing the key into the request.
std::size_t bucket_of(std::string_view key) noexcept {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15; // 2^64 divided by the golden ratio
    std::uint64_t mixed = key.size();
    char const* at = key.data();
    std::size_t left = key.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t))
        mixed = std::rotl((mixed ^ dynamodb::detail::load<std::uint64_t>(at)) * odd, 29);
    std::uint64_t rest = 0;
    std::memcpy(&rest, at, left);
    mixed = (mixed ^ rest) * odd;
    return mixed >> (64 - std::bit_width(bucket_count - 1));
}

} // namespace

direct_key_read::direct_key_read(entity_type const& type, options how, aws::retry_policy const& policy,
                                 key_places places)
    : type_(type), how_(std::move(how)), policy_(policy), queue_(max_batch_keys, policy), places_(places) {}

bool direct_key_read::add(key_list& keys) {
    keys_ = std::move(keys);
    buckets_.assign(bucket_count, 0);
    positions_.reserve(keys_.size());
    entries_.reserve(std::min(keys_.size(), max_batch_keys));
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        std::string_view const key = keys_[i];
        std::size_t at = bucket_of(key);
        while (buckets_[at] != 0 && entries_[buckets_[at] - 1u].key != key) at = (at + 1) % bucket_count;
        if (buckets_[at] == 0) {
            if (entries_.size() == max_batch_keys) {
                keys = std::move(keys_);
                return false;
            }
            entry& made = entries_.emplace_back();
            made.key = key;
            made.place = i;
            buckets_[at] = static_cast<std::uint8_t>(entries_.size());
        }
        positions_.push_back(buckets_[at] - 1u);
    }
    report_.keys = entries_.size();
    return true;
}

direct_key_read::entry* direct_key_read::find(std::string_view key) noexcept {
    std::size_t at = bucket_of(key);
    while (buckets_[at] != 0) {
        entry& e = entries_[buckets_[at] - 1u];
        if (e.key == key) return &e;
        at = (at + 1) % bucket_count;
    }
    return nullptr;
}

bool direct_key_read::ready(time_point now) const {
    if (under_way_) return false;
    return !begun_ || queue_.waiting() > 0 || (queue_.pauses() && *queue_.wake_at() <= now);
}

void direct_key_read::tell(dynamodb::detail::request_subject const& self, std::string_view, std::string_view,
                           dynamodb::detail::request_targets& out) {
    out.targets.emplace_back().table = static_cast<direct_key_read const*>(self.who)->how_.table;
}

std::optional<direct_key_read::request> direct_key_read::next(time_point now) {
    queue_.end_pauses(now);
    if (under_way_ || (begun_ && queue_.waiting() == 0)) return std::nullopt;
    under_way_ = true;
    likely_ = 0;
    request made{0,
                 dynamodb::operation::batch_get_item,
                 how_.bodies != nullptr ? how_.bodies->borrow_body() : std::string(),
                 {}};
    made.about.tell = &direct_key_read::tell;
    made.about.who = this;
    dynamodb::detail::batch_get_writer writer(made.body, read_members(how_.consistent));
    writer.begin_table(how_.table);
    if (begun_) {
        asked_ = queue_.take();
        for (entry* const e : asked_) {
            e->asked = true;
            writer.add(e->key);
        }
    } else {
        asked_.resize(entries_.size());
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            asked_[i] = &entries_[i];
            writer.add(entries_[i].key);
        }
        begun_ = true;
    }
    writer.finish();
    ++report_.batch_gets;
    report_.max_in_flight = 1;
    return made;
}

void direct_key_read::enter_table(std::string_view table, json_reader& in) {
    if (table != how_.table) in.fail("the answer names a table that was not asked for");
}

void direct_key_read::read_item(json_reader& in) {
    // The service often answers in the order of the keys, so the entity is decoded in the place of the next key that
    // has no item yet, and moved when the item has another key.
    while (likely_ != asked_.size() && !asked_[likely_]->asked) ++likely_;
    if (likely_ == asked_.size()) in.fail("the answer holds an item that was not asked for");
    entry& likely = *asked_[likely_];
    void* const entity = places_.make(places_.places, likely.place);
    type_.storage.name_handles(entity);
    item_values found;
    type_.decode(in, entity, found);
    // The service nearly always spells a key as the request did, so the text of the key is compared before it is
    // decoded.
    entry* e = type_.spells_key(likely.key, found) ? &likely : nullptr;
    if (e == nullptr) {
        scratch_.clear();
        type_.encode_key(scratch_, found);
        e = find(scratch_);
    }
    if (e == nullptr) {
        scratch_.clear();
        type_.encode_key(scratch_, entity);
        e = find(scratch_);
    }
    if (e == nullptr || !e->asked) in.fail("the answer holds an item that was not asked for");
    if (e != &likely) places_.move(places_.places, likely.place, e->place);
    e->found = true;
    e->asked = false;
    ++report_.items;
}

void direct_key_read::read_unprocessed(json_reader& in) {
    std::string_view const text = in.skip_value();
    entry* e = find(read_key(type_, text));
    if (e == nullptr) e = find(read_key_respelt(type_, text));
    if (e == nullptr || !e->asked) in.fail("the answer leaves a key unprocessed that was not asked for");
    e->asked = false;
    unprocessed_.push_back(e);
}

void direct_key_read::read_capacity(json_reader& in) { spend(read_capacity_units(in)); }

void direct_key_read::spend(double units) {
    if (units == 0) return;
    report_.read_units += units;
    report_.capacity.add(how_.table, {}, units, 0);
}

void direct_key_read::on_answer(std::size_t, answer const& got) {
    unprocessed_.clear();
    double const spent_before = report_.read_units;
    try {
        dynamodb::detail::read_batch_get(got.reply.body(), *this);
    } catch (error const&) {
        // What the answer told before it broke off may be counted already.
        spend(spent_before + spent_units(got.reply.body()) - report_.read_units);
        throw;
    }
    under_way_ = false;
    for (entry* const e : asked_) e->asked = false;
    if (unprocessed_.empty()) return;
    report_.unprocessed += unprocessed_.size();
    guards_.resize(entries_.size());
    auto const guard_of = [this](entry const* e) -> auto& {
        return guards_[static_cast<std::size_t>(e - entries_.data())];
    };
    auto const given_up =
        queue_.put_back(asked_.size(), std::span<entry* const>(unprocessed_), got.now, got.jitter, guard_of);
    if (given_up.empty()) return;
    std::vector<std::string> keys;
    for (entry const* const e : given_up) keys.emplace_back(e->key);
    throw_error(errc::batch_incomplete, unprocessed_keys(std::move(keys), policy_.max_attempts));
}

void direct_key_read::describe(std::size_t, diagnostics& d) const {
    if (d.operation.empty()) d.operation = to_string(dynamodb::operation::batch_get_item);
    if (d.table.empty()) d.table = how_.table;
    if (d.entity.empty()) d.entity = type_.name;
}

load_report direct_key_read::report() const { return report_; }

void direct_key_read::copy_duplicates() {
    if (positions_.size() == entries_.size()) return; // each key came once
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        entry const& e = entries_[positions_[i]];
        if (e.found && e.place != i) places_.copy(places_.places, e.place, i);
    }
}

} // namespace dynasio::detail
