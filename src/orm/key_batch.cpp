#include "key_batch.hpp"

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/detail/json_scan.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "answers.hpp"
#include "type/item_values.hpp"

namespace dynasio::detail {

using dynamodb::json_reader;

namespace {

constexpr std::size_t bucket_count = 256; // a power of two, more than twice max_keys

/// Keys of a table often differ in a few characters only: every word of them is mixed in. (std::hash takes as long as
/// writing the key into the request.)
std::size_t bucket_of(std::string_view key) noexcept {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15; // of the golden ratio
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

key_batch::key_batch(entity_type const& type, std::string table, bool consistent, bool capacity,
                     aws::retry_policy const& retry, key_places places)
    : type_(type), table_(std::move(table)), consistent_(consistent), capacity_(capacity), guard_(retry),
      places_(places) {}

bool key_batch::add(key_list& keys) {
    keys_ = std::move(keys);
    buckets_.assign(bucket_count, 0);
    positions_.reserve(keys_.size());
    entries_.reserve(std::min(keys_.size(), max_keys));
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        std::string_view const key = keys_[i];
        std::size_t at = bucket_of(key);
        while (buckets_[at] != 0 && entries_[buckets_[at] - 1u].key != key) at = (at + 1) % bucket_count;
        if (buckets_[at] == 0) {
            if (entries_.size() == max_keys) {
                keys = std::move(keys_);
                return false;
            }
            entries_.push_back({key, i, false, true});
            buckets_[at] = static_cast<std::uint8_t>(entries_.size());
        }
        positions_.push_back(buckets_[at] - 1u);
    }
    pending_ = entries_.size();
    return true;
}

key_batch::entry* key_batch::find(std::string_view key) noexcept {
    std::size_t at = bucket_of(key);
    while (buckets_[at] != 0) {
        entry& e = entries_[buckets_[at] - 1u];
        if (e.key == key) return &e;
        at = (at + 1) % bucket_count;
    }
    return nullptr;
}

void key_batch::append_body(std::string& out) const {
    out += R"({"RequestItems":{)";
    dynamodb::append_json_string(out, table_);
    out += R"(:{"Keys":[)";
    bool first = true;
    for (entry const& e : entries_) {
        if (!e.pending) continue;
        if (!std::exchange(first, false)) out += ',';
        out += e.key;
    }
    out += consistent_ ? R"(],"ConsistentRead":true}})" : "]}}";
    if (capacity_) out += R"(,"ReturnConsumedCapacity":"TOTAL")";
    out += '}';
}

void key_batch::read_item(json_reader& in) {
    // Often the service answers in the order of the keys: the entity is made where it probably belongs.
    while (likely_ != entries_.size() && !entries_[likely_].pending) ++likely_;
    if (likely_ == entries_.size()) in.fail("the answer holds an item that was not asked for");
    entry& likely = entries_[likely_];
    void* const entity = places_.make(places_.places, likely.place);
    type_.storage.name_handles(entity);
    item_values found;
    type_.decode(in, entity, found);
    // Nearly always the service spells a key as the request did.
    entry* e = type_.spells_key(likely.key, found) ? &likely : nullptr;
    if (!e) {
        scratch_.clear();
        type_.encode_key(scratch_, found);
        e = find(scratch_);
    }
    if (!e) {
        scratch_.clear();
        type_.encode_key(scratch_, entity);
        e = find(scratch_);
    }
    if (!e || !e->pending) in.fail("the answer holds an item that was not asked for");
    if (e != &likely) places_.move(places_.places, likely.place, e->place);
    e->found = true;
    e->pending = false;
    ++received_;
}

void key_batch::read_unprocessed(json_reader& in) {
    dynamodb::item const attributes = dynamodb::read_item(in);
    auto const part = [&](attribute_index i) {
        auto const value = attributes.find(type_[i].name);
        if (value == attributes.end()) in.fail("an unprocessed key lacks a key attribute");
        std::string wire;
        dynamodb::append_json(wire, value->second);
        return wire;
    };
    scratch_.clear();
    type_.encode_key(scratch_, part(type_.key.partition), type_.key.sort ? part(*type_.key.sort) : std::string());
    entry* const e = find(scratch_);
    if (!e || e->found) in.fail("the answer leaves a key unprocessed that was not asked for");
    ++pending_;
}

key_batch::decision key_batch::on_answer(std::string_view body, double jitter) {
    std::size_t const sent = pending_;
    std::vector<entry*> asked;
    json_reader in(body);
    std::string_view member, name;
    auto const check_table = [&] {
        if (name != table_) in.fail("the answer names a table that was not asked for");
    };
    pending_ = 0;
    bool left = false;
    bool responses = false;
    bool unprocessed_keys = false;
    in.enter_object();
    // What is neither answered nor unprocessed does not exist; the order of the two members is free.
    while (in.next_member(member)) {
        if (in.read_if_null()) continue;
        if (member == "Responses") {
            note_member(in, responses, member);
            in.enter_object();
            while (in.next_member(name)) {
                check_table();
                in.enter_array();
                while (in.next_element()) read_item(in);
            }
        } else if (member == "UnprocessedKeys") {
            note_member(in, unprocessed_keys, member);
            in.enter_object();
            while (in.next_member(name)) {
                check_table();
                in.enter_object();
                while (in.next_member(name)) {
                    if (name != "Keys") {
                        in.skip_value();
                        continue;
                    }
                    in.enter_array();
                    while (in.next_element()) {
                        read_unprocessed(in);
                        asked.push_back(find(scratch_));
                        left = true;
                    }
                }
            }
        } else if (member == "ConsumedCapacity") {
            read_units_ += read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();
    for (entry& e : entries_) e.pending = false;
    for (entry* const e : asked) e->pending = true;
    likely_ = 0;
    unprocessed_ += asked.size();
    if (!left) return {dynamodb::progress_guard::action::done, {}};
    auto const next = guard_.on_answer(sent, asked.size(), jitter);
    if (next.next == dynamodb::progress_guard::action::give_up) {
        diagnostics d;
        d.operation = "BatchGetItem";
        d.table = table_;
        d.entity = type_.name;
        for (entry const* const e : asked) d.missing_keys.emplace_back(e->key);
        d.message = std::to_string(asked.size()) +
                    " keys stayed unprocessed after several answers in a row without "
                    "progress; the table is throttled: try again later or raise its capacity";
        throw_error(errc::batch_incomplete, std::move(d));
    }
    return next;
}

void key_batch::copy_duplicates() {
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        entry const& e = entries_[positions_[i]];
        if (e.found && e.place != i) places_.copy(places_.places, e.place, i);
    }
}

} // namespace dynasio::detail
