#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "empty_key.hpp"
#include "floating.hpp"
#include "item_values.hpp"

namespace dynasio {

using detail::usual_type;

namespace {

/// Writes at the end of a string through a pointer. An item has some forty pieces, and std::string::append() would look
/// for room and write a terminating zero for each of them.
class tail_writer {
public:
    explicit tail_writer(std::string& out) : out_(out), at_(out.data() + out.size()), end_(at_) {}

    /// Makes room for `size` bytes.
    void need(std::size_t size) {
        constexpr std::size_t step = 1024;
        if (static_cast<std::size_t>(end_ - at_) >= size) [[likely]]
            return;
        std::size_t const used = position();
        out_.resize(used + std::max(size, step));
        at_ = out_.data() + used;
        end_ = out_.data() + out_.size();
    }
    void put(char c) noexcept { *at_++ = c; }
    void put(std::string_view text) noexcept {
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }
    [[nodiscard]] char* at() const noexcept { return at_; }
    void go_on_at(char* at) noexcept { at_ = at; }

    [[nodiscard]] std::size_t position() const noexcept { return static_cast<std::size_t>(at_ - out_.data()); }
    void go_back_to(std::size_t position) noexcept { at_ = out_.data() + position; }

    /// Makes the string end at this writer's position, so that other code can append to it. Call reopen() before the
    /// writer is used again.
    void close() { out_.resize(position()); }
    void reopen() noexcept { at_ = end_ = out_.data() + out_.size(); }

private:
    std::string& out_;
    char* at_;
    char* end_;
};

/// The size of the characters around a value: {"S":"…"}
constexpr std::size_t frame_size = 8;
/// Enough for every number: std::to_chars writes a double with at most 24 characters.
constexpr std::size_t number_room = 40;

/// Writes {"S":"text"}; false when the text is not usual.
bool write_text(tail_writer& to, std::string_view text) {
    if (!dynamodb::detail::is_all_plain(text)) return false;
    to.need(frame_size + text.size());
    to.put(R"({"S":")");
    to.put(text);
    to.put(R"("})");
    return true;
}

template <class Integer> void write_integer(tail_writer& to, Integer value) {
    to.need(frame_size + number_room);
    to.put(R"({"N":")");
    to.go_on_at(std::to_chars(to.at(), to.at() + number_room, value).ptr);
    to.put(R"("})");
}

/// The value of a member that has the size and the sign of Integer. The member may be a long or a long long, which are
/// two types.
template <class Integer> Integer integer_in(void const* member) noexcept {
    Integer value;
    std::memcpy(&value, member, sizeof value);
    return value;
}

void write_time(tail_writer& to, timestamp time) {
    to.need(frame_size + timestamp::text_size);
    to.put(R"({"S":")");
    to.go_on_at(to.at() + time.to_chars(to.at()));
    to.put(R"("})");
}

/// Writes a value as its codec would. Returns false for a value that only the codec can write: an empty or absent one,
/// a number that cannot be stored, or a text with escapes. The caller then returns to the position where the value
/// began and calls the codec.
bool write_usual_value(tail_writer& to, usual_type codec, void const* member) {
    switch (codec) {
    case usual_type::none:
        return false;
    case usual_type::string: {
        auto const& text = *static_cast<std::string const*>(member);
        return !text.empty() && write_text(to, text);
    }
    case usual_type::optional_string: {
        auto const& text = *static_cast<std::optional<std::string> const*>(member);
        return text && !text->empty() && write_text(to, *text);
    }
    case usual_type::string_list: {
        to.need(frame_size);
        to.put(R"({"L":[)");
        bool first = true;
        for (auto const& text : *static_cast<std::vector<std::string> const*>(member)) {
            to.need(1);
            if (!std::exchange(first, false)) to.put(',');
            if (!write_text(to, text)) return false;
        }
        to.need(2);
        to.put("]}");
        return true;
    }
    case usual_type::timestamp: {
        auto const time = *static_cast<timestamp const*>(member);
        if (time.is_set()) write_time(to, time);
        return time.is_set();
    }
    case usual_type::boolean:
        to.need(2 * frame_size);
        to.put(*static_cast<bool const*>(member) ? std::string_view(R"({"BOOL":true})")
                                                 : std::string_view(R"({"BOOL":false})"));
        return true;
    case usual_type::signed_32:
        write_integer(to, integer_in<std::int32_t>(member));
        return true;
    case usual_type::signed_64:
        write_integer(to, integer_in<std::int64_t>(member));
        return true;
    case usual_type::unsigned_32:
        write_integer(to, integer_in<std::uint32_t>(member));
        return true;
    case usual_type::unsigned_64:
        write_integer(to, integer_in<std::uint64_t>(member));
        return true;
    case usual_type::floating_64: {
        auto const value = *static_cast<double const*>(member);
        if (!detail::is_storable(value)) return false;
        to.need(frame_size + number_room);
        to.put(R"({"N":")");
        to.go_on_at(detail::write_floating(to.at(), to.at() + number_room, value));
        to.put(R"("})");
        return true;
    }
    }
    return false;
}

/// The override for an attribute; null when there is none.
entity_type::override_value const* find_override(std::span<entity_type::override_value const> overrides,
                                                 attribute_index i) noexcept {
    for (auto const& made : overrides)
        if (made.attribute == i) return &made;
    return nullptr;
}

/// write_usual_value() for a value that replaces the member's own.
bool write_usual_value(tail_writer& to, entity_type::override_value const& made) {
    if (auto const* const text = std::get_if<std::string>(&made.value)) return !text->empty() && write_text(to, *text);
    using wire_text = entity_type::override_value::wire_text;
    if (std::holds_alternative<std::monostate>(made.value) || std::holds_alternative<wire_text>(made.value))
        return false;
    if (auto const* const time = std::get_if<timestamp>(&made.value))
        write_time(to, *time);
    else
        write_integer(to, std::get<std::uint64_t>(made.value));
    return true;
}

} // namespace

void entity_type::override_value::append_wire(std::string& out) const {
    if (auto const* const time = std::get_if<timestamp>(&value))
        codec<timestamp>::encode(out, *time);
    else if (auto const* const number = std::get_if<std::uint64_t>(&value))
        codec<std::uint64_t>::encode(out, *number);
    else if (auto const* const text = std::get_if<std::string>(&value))
        dynamodb::append_string_attribute(out, *text);
    else if (auto const* const wire = std::get_if<wire_text>(&value))
        out += wire->json;
}

std::vector<std::string> entity_type::encode_values(void const* entity,
                                                    std::span<override_value const> overrides) const {
    std::vector<std::string> values(attributes.size());
    for (attribute_index i = 0; i < attributes.size(); ++i) {
        if (auto const* const replaced = find_override(overrides, i))
            replaced->append_wire(values[i]);
        else
            append_wire(values[i], entity, i);
    }
    return values;
}

void detail::encode_value(entity_type const& t, std::string& out, void const* value, purpose why,
                          std::string_view first) {
    out += R"({"M":{)";
    auto const begin = out.size();
    out += first;
    for (auto const& a : t.attributes) {
        if (a.absent(a.member_of(value))) continue;
        auto const start = out.size();
        if (start != begin) out += ',';
        out += a.json_name;
        auto const written = out.size();
        try {
            (why == purpose::showing && a.show != nullptr ? a.show : a.encode)(out, a.member_of(value));
        } catch (error const&) {
            rethrow_about_element(std::string_view(a.name));
        }
        if (out.size() == written) out.resize(start); // A codec that writes nothing leaves the attribute out.
    }
    out += "}}";
}

void entity_type::encode_members(std::string& out, void const* entity, std::span<override_value const> overrides,
                                 bool needs_key) const {
    tail_writer to(out);
    bool first = true;
    for (attribute_index i = 0; i < attributes.size(); ++i) {
        attribute_info const& a = attributes[i];
        std::size_t const start = to.position();
        to.need(1 + a.json_name.size());
        if (!first) to.put(',');
        to.put(a.json_name);
        std::size_t const value = to.position();
        auto const* const replaced = find_override(overrides, i);
        bool written = false;
        try {
            written = replaced != nullptr ? write_usual_value(to, *replaced)
                                          : write_usual_value(to, a.usual, a.member_of(entity));
        } catch (error const&) { // timestamp::to_chars() throws for a time outside of the years that can be written
            detail::rethrow_about_member(name, a.name);
        }
        // Only a long value needs a look at whether a key may be so long.
        if (written && (a.max_key_size == 0 || to.position() - value <= a.max_key_size)) [[likely]] {
            first = false;
            continue;
        }
        to.go_back_to(value);
        to.close();
        if (replaced != nullptr) {
            replaced->append_wire(out);
            detail::refuse_long_key(*this, a, std::string_view(out).substr(value));
        } else {
            append_wire(out, entity, i);
        }
        if (needs_key && (i == key.partition || key.sort == i) &&
            detail::is_empty_key(std::string_view(out).substr(value)))
            detail::throw_empty_key(*this, a);
        if (out.size() == value)
            out.resize(start);
        else
            first = false;
        to.reopen();
    }
    to.close();
}

void entity_type::encode_key(std::string& out, void const* entity) const {
    auto const part = [&](attribute_index i) {
        auto const begin = begin_key_part(out, i);
        append_wire(out, entity, i);
        end_key_part(out, i, begin);
    };
    part(key.partition);
    if (key.sort) part(*key.sort);
}

void entity_type::encode_key(std::string& out, std::string_view partition, std::string_view sort) const {
    auto const part = [&](attribute_index i, std::string_view value) {
        auto const begin = begin_key_part(out, i);
        out += value;
        end_key_part(out, i, begin);
    };
    part(key.partition, partition);
    if (key.sort) part(*key.sort, sort);
}

void entity_type::encode_key(std::string& out, detail::item_values const& found) const {
    encode_key(out, found[key.partition], key.sort ? found[*key.sort] : std::string_view());
}

std::size_t entity_type::begin_key_part(std::string& out, attribute_index i) const {
    out += i == key.partition ? '{' : ',';
    out += attributes[i].json_name;
    return out.size();
}

void entity_type::end_key_part(std::string& out, attribute_index i, std::size_t begin) const {
    if (detail::is_empty_key(std::string_view(out).substr(begin))) detail::throw_empty_key(*this, attributes[i]);
    detail::refuse_long_key(*this, attributes[i], std::string_view(out).substr(begin));
    if (i == key.sort.value_or(key.partition)) out += '}';
}

std::string entity_type::wire(void const* entity, attribute_index i) const {
    std::string out;
    append_wire(out, entity, i);
    return out;
}

void entity_type::append_shown(std::string& out, void const* entity, attribute_index i) const {
    auto const& a = attributes[i];
    if (a.show == nullptr) return append_wire(out, entity, i);
    if (a.absent(a.member_of(entity))) return;
    try {
        a.show(out, a.member_of(entity));
    } catch (error const&) {
        detail::rethrow_about_member(name, a.name);
    }
}

void entity_type::append_wire(std::string& out, void const* entity, attribute_index i) const {
    auto const& a = attributes[i];
    if (a.absent(a.member_of(entity))) return;
    auto const begin = out.size();
    try {
        a.encode(out, a.member_of(entity));
    } catch (error const&) {
        detail::rethrow_about_member(name, a.name);
    }
    if (a.max_key_size == 0) return; // no part of a key
    detail::refuse_long_key(*this, a, std::string_view(out).substr(begin));
    if (a.index_key && detail::is_empty_key(std::string_view(out).substr(begin))) out.resize(begin);
}

} // namespace dynasio
