#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../core/utf8.hpp"
#include "comparable.hpp"
#include "error_path.hpp"
#include "item_values.hpp"
#include "key_text.hpp"
#include "name_table.hpp"
#include "short_number.hpp"

namespace dynasio {

using detail::item_values;
using detail::usual_type;
using dynamodb::json_reader;
using dynamodb::detail::load;
using dynamodb::detail::no_quote;
using dynamodb::detail::word;

namespace {

// The functions below read members in the spelling that DynamoDB uses for nearly all of them: no white space, no
// escapes in the name, `{"S":"` and so on. They work on a pointer and touch no state of the reader, which is most of
// the gain. A member in any other spelling is left unread; the reader and the member's codec then read it.

// The start of a value, with the quote that ends the name before it: `":{"S":"`.
constexpr std::uint64_t string_begins = word('"', ':', '{', '"', 'S', '"', ':', '"');
constexpr std::uint64_t number_begins = word('"', ':', '{', '"', 'N', '"', ':', '"');
constexpr std::uint64_t list_begins = word('"', ':', '{', '"', 'L', '"', ':', '[');
constexpr std::uint64_t boolean_begins = word('"', ':', '{', '"', 'B', 'O', 'O', 'L');
constexpr std::uint16_t member_follows = word(',', '"');
constexpr std::size_t begins_size = 8;
constexpr std::uint16_t value_ends = word('"', '}');
/// How deep a usual value nests: {"L":[{"S":"…"}]}
constexpr unsigned usual_levels = 3;
// How many bytes of a value, and of a whole member, the functions load before they know that the text is so long. The
// loop stops where fewer bytes are left.
constexpr std::size_t value_reach = 2 * dynamodb::detail::scan_width;
constexpr std::ptrdiff_t member_reach =
    sizeof(std::uint16_t) + dynamodb::detail::scan_width + begins_size + value_reach + sizeof value_ends;

void assign_text(std::string& member, std::string_view text) {
    // Nearly every member is empty before it is read, and append() checks less than assign().
    if (member.empty())
        member.append(text.data(), text.size());
    else
        member.assign(text.data(), text.size());
}

/// text_size() of a text that is longer than 2 * scan_width or has characters outside of ASCII.
[[gnu::noinline]] std::size_t other_text_size(char const* begin, char const* end) noexcept {
    for (char const* at = begin + dynamodb::detail::plain_prefix_wide(begin);;) {
        at = dynamodb::detail::skip_plain(at, end);
        if (static_cast<std::size_t>(end - at) < sizeof value_ends) return no_quote;
        if (*at == '"') return static_cast<std::size_t>(at - begin);
        if (static_cast<unsigned char>(*at) < 0x80) return no_quote; // an escape, or an error
        at = detail::skip_non_ascii(at, end);
        if (at == nullptr) return no_quote;
    }
}

/// The size of the text at `at` up to its closing quote, behind which at least one more byte lies; no_quote when the
/// text has escapes, is invalid UTF-8, or does not end before `end`.
std::size_t text_size(char const* at, char const* end) noexcept {
    std::size_t const size = dynamodb::detail::plain_size_before_quote(at);
    return size != no_quote ? size : other_text_size(at, end);
}

/// Whether a value ends behind a text of this size. Callers return when it does not, so that compilers generate a
/// branch: the processor then predicts it and does not wait for the bytes that are loaded here.
bool ends_value(char const* at, std::size_t size) noexcept {
    return size != no_quote && load<std::uint16_t>(at + size) == value_ends;
}

/// The elements and the end of a list.
[[gnu::noinline]] char const* read_string_list(char const* at, char const* end, std::vector<std::string>& member) {
    constexpr std::size_t element_begins_size = begins_size - 2; // without the quote and colon that end a name
    struct element {
        char const* data;
        std::size_t size;
    };
    // Not initialised, because filling the array with zeros costs as much as reading a list. The codec reads longer
    // lists; its overhead is small compared to their elements.
    std::array<element, 8> texts;
    std::size_t count = 0;
    for (;; ++at) {
        if (count == texts.size() || end - at < static_cast<std::ptrdiff_t>(begins_size + value_reach)) return nullptr;
        // The byte before `at` is the opening bracket or a comma.
        if (load<std::uint32_t>(at) != word('{', '"', 'S', '"') || load<std::uint16_t>(at + 4) != word(':', '"'))
            return nullptr;
        at += element_begins_size;
        std::size_t const size = text_size(at, end);
        if (!ends_value(at, size)) return nullptr;
        texts[count++] = {at, size};
        at += size + sizeof value_ends;
        if (at == end) return nullptr;
        if (*at != ',') break;
    }
    if (end - at < 2 || load<std::uint16_t>(at) != word(']', '}')) return nullptr;
    member.clear();
    member.reserve(count);
    for (auto const& [data, size] : std::span(texts).first(count)) member.emplace_back(data, size);
    return at + 2;
}

/// Out of line, so that members of all integer types share one loop over digits.
[[gnu::noinline]] bool parse_integer(std::string_view text, std::int64_t& value) noexcept {
    return detail::parse_short_number(text, value);
}

template <class Integer> char const* read_integer(char const* at, void* member) noexcept {
    std::size_t const size = dynamodb::detail::size_before_quote(at);
    std::int64_t wide = 0;
    if (!ends_value(at, size) || !parse_integer({at, size}, wide) || !std::in_range<Integer>(wide)) return nullptr;
    auto const value = static_cast<Integer>(wide);
    std::memcpy(member, &value, sizeof value); // The member may be a long or a long long, which are two types.
    return at + size + sizeof value_ends;
}

/// Reads a value and returns where it ends. Returns null, and leaves the member as it was, when the value is not usual.
/// `at` is the quote that ends the member's name; value_reach bytes behind the start of the value can be read.
char const* read_usual_value(usual_type codec, char const* at, char const* end, void* member) {
    auto const begins = load<std::uint64_t>(at);
    at += begins_size;
    switch (codec) {
    case usual_type::none:
        return nullptr;
    case usual_type::string: {
        if (begins != string_begins) return nullptr;
        std::size_t const size = text_size(at, end);
        if (!ends_value(at, size)) return nullptr;
        assign_text(*static_cast<std::string*>(member), {at, size});
        return at + size + sizeof value_ends;
    }
    case usual_type::optional_string: {
        if (begins != string_begins) return nullptr;
        std::size_t const size = text_size(at, end);
        if (!ends_value(at, size)) return nullptr;
        auto& to = *static_cast<std::optional<std::string>*>(member);
        assign_text(to ? *to : to.emplace(), {at, size});
        return at + size + sizeof value_ends;
    }
    case usual_type::string_list:
        return begins == list_begins ? read_string_list(at, end, *static_cast<std::vector<std::string>*>(member))
                                     : nullptr;
    case usual_type::timestamp: {
        if (begins != string_begins || load<std::uint16_t>(at + timestamp::text_size) != value_ends) return nullptr;
        auto const time = timestamp::parse({at, timestamp::text_size});
        if (!time) return nullptr;
        *static_cast<timestamp*>(member) = *time;
        return at + timestamp::text_size + sizeof value_ends;
    }
    case usual_type::boolean: {
        if (begins != boolean_begins) return nullptr;
        auto const rest = load<std::uint64_t>(at);
        constexpr std::uint64_t no = word('"', ':', 'f', 'a', 'l', 's', 'e', '}');
        constexpr std::uint64_t yes = word('"', ':', 't', 'r', 'u', 'e', '}', '\0');
        constexpr std::uint64_t yes_mask = word('\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\0');
        bool const is = (rest & yes_mask) == yes;
        if (!is && rest != no) return nullptr;
        *static_cast<bool*>(member) = is;
        return at + (is ? 7 : 8);
    }
    case usual_type::signed_32:
        return begins == number_begins ? read_integer<std::int32_t>(at, member) : nullptr;
    case usual_type::signed_64:
        return begins == number_begins ? read_integer<std::int64_t>(at, member) : nullptr;
    case usual_type::unsigned_32:
        return begins == number_begins ? read_integer<std::uint32_t>(at, member) : nullptr;
    case usual_type::unsigned_64:
        return begins == number_begins ? read_integer<std::uint64_t>(at, member) : nullptr;
    case usual_type::floating_64: {
        std::size_t const size = dynamodb::detail::size_before_quote(at);
        bool const usual = begins == number_begins && ends_value(at, size) &&
                           detail::parse_short_number({at, size}, *static_cast<double*>(member));
        return usual ? at + size + sizeof value_ends : nullptr;
    }
    }
    return nullptr;
}

/// Reads members as long as they are usual, and returns the position of the first one that is not. The position of a
/// member is that of the brace or comma before it; `before` is the brace or comma at `at` and the quote that follows.
///
/// Code for rare cases is kept out of this function, so that `at` stays in a register: the start of a member depends on
/// the end of the one before it, and this chain of dependencies determines how long decoding takes.
[[gnu::noinline]] char const* read_usual_members(entity_type const& t, char const* at, char const* end,
                                                 std::uint16_t before, char* entity, item_values& found) {
    auto const names = t.names->begin_search();
    while (end - at >= member_reach && load<std::uint16_t>(at) == before) {
        char const* const name = at + 2;
        std::size_t const size = dynamodb::detail::size_before_quote(name);
        if (size == no_quote) break;
        auto const words = dynamodb::detail::short_words_of(name, size);
        auto const& slot = names.first(words, size);
        if (slot.usual_size != size || slot.words != words) break;
        char const* const after = read_usual_value(slot.usual, name + size, end, entity + slot.offset);
        if (after == nullptr) break;
        found.add(slot.attribute, name + size + 2, after);
        at = after;
        before = member_follows;
    }
    return at;
}

/// The key of the item that begins at `item`; empty when it cannot be read.
std::string readable_key(entity_type const& t, std::string_view item) {
    try {
        return detail::read_key(t, item);
    } catch (error const&) {
        return {}; // the error of the item itself is the one that the caller sees
    }
}

/// Throws the error that decoding an item met, with the key of the item, so that it can be found and mended. `member`
/// is the one that was being read, if any; `text` follows the brace with which the item begins.
[[noreturn, gnu::cold]] void rethrow_with_key(entity_type const& t, error const& e, attribute_info const* member,
                                              std::string_view text) {
    diagnostics d = e.info();
    if (member != nullptr) {
        d.entity = t.name;
        detail::set_attribute(d, member->name);
    }
    d.key = readable_key(t, {text.data() - 1, text.size() + 1});
    throw_error(e.code(), std::move(d));
}

/// Reads a member whose value may be NULL, in whatever spelling. NULL is what many writers store for "nothing", so it
/// leaves the member as an absent attribute does, unless the program's own codec reads it. The key of a table is never
/// NULL, so a schema that calls such an attribute the key does not describe the table, and the codec refuses it.
[[gnu::noinline]] void read_unless_null(entity_type const& t, attribute_index i, json_reader& in, void* entity) {
    attribute_info const& a = t.attributes[i];
    // Nearly always, which spares a copy of the reader and of the text that it has unescaped last.
    if (t.is_key(i) || in.sees_value()) {
        a.decode(in, a.member_of(entity));
        return;
    }
    json_reader behind = in;
    if (detail::begin_unless_null(behind)) {
        a.decode(in, a.member_of(entity));
        return;
    }
    if (!a.refuses_null) {
        try {
            a.decode(in, a.member_of(entity));
            return;
        } catch (error const&) { // The program's codec does not read NULL.
        }
    }
    in = std::move(behind);
}

[[noreturn, gnu::cold]] void throw_about(entity_type const& t, std::size_t attribute, errc code, char const* message) {
    diagnostics d;
    d.entity = t.name;
    d.attribute = t.attributes[attribute].name;
    d.message = message;
    throw_error(code, std::move(d));
}

/// Refuses an item that has an attribute twice, or lacks its key.
inline void check_values(entity_type const& t, item_values const& found) {
    auto const& key = t.key;
    if (found.has_repeated()) [[unlikely]]
        throw_about(t, found.first_repeated(), errc::malformed_response, "an item has this attribute twice");
    if (!found.has(key.partition) || (key.sort && !found.has(*key.sort))) [[unlikely]]
        throw_about(t, found.has(key.partition) ? *key.sort : key.partition, errc::attribute_missing,
                    "an item lacks its key attribute; does the schema describe this table, and does the index "
                    "project all attributes?");
}

/// Refuses an item that could not be found again under what its members hold.
void check_addresses(entity_type const& t, void const* entity, item_values const& found) {
    std::string written;
    for (auto const i : t.addresses) {
        attribute_info const& a = t[i];
        void const* const member = a.member_of(entity);
        if (!found.has(i)) continue;
        // A foreign key may be stored as something that stands for none. A key may not, because another save would make
        // one; a projection, which has no member for a part of its key, is never saved.
        bool const is_absent = a.absent(member);
        if (is_absent && (!t.is_key(i) || !t.projected.empty())) continue;
        written.clear();
        bool is_known = !is_absent;
        try {
            if (is_known) a.encode(written, member);
        } catch (error const&) {
            if (a.show == nullptr) throw;
            is_known = false;
        }
        if (written == found[i]) continue;
        detail::comparable const stored(found[i]);
        // NULL in a foreign key is no key.
        if (stored.is_null()) continue;
        if (is_known && detail::compare(detail::comparable(written), stored) == 0) continue;
        diagnostics d;
        d.entity = t.name;
        d.attribute = a.name;
        d.message = "the key attribute is stored as " + std::string(found[i]) + ", and the member " + t.name +
                    "::" + a.member + " would write it as " + (is_known ? written : "nothing") +
                    ", which is another key: give the member a type that keeps every spelling (std::string for texts, "
                    "an integer for numbers)";
        throw_error(errc::key_not_kept, std::move(d));
    }
}

/// Does what few entities need when all members were read.
[[gnu::noinline]] void look_again(entity_type const& t, void* entity, item_values const& found) {
    check_addresses(t, entity, found);
    for (auto const& each : t.defaults)
        if (!found.has(each.attribute) || detail::comparable(found[each.attribute]).is_null()) each.apply(entity);
}

/// Reads the members of an object up to its end. `current` is the member that is being read by its codec, which an
/// error is about.
inline void read_attributes(entity_type const& t, json_reader& in, void* entity, item_values& found,
                            attribute_info const*& current) {
    std::string_view const text = in.rest();
    char const* const end = text.data() + (in.levels_left() >= usual_levels ? text.size() : 0);
    char const* at = text.data() - 1; // The position of a member is that of the brace or comma before it.
    auto before = word('{', '"');
    std::string_view attribute_name;
    for (;;) {
        char const* const stopped = read_usual_members(t, at, end, before, static_cast<char*>(entity), found);
        if (stopped != at || before == member_follows) in.go_on_at(stopped);
        before = member_follows;
        if (!in.next_member(attribute_name)) break;
        auto const& slot = t.names->find(attribute_name);
        if (slot.is_empty()) {
            in.skip_value();
        } else {
            char const* const value = in.skip_to_value();
            current = &t.attributes[slot.attribute];
            if (detail::may_be_null(in)) [[unlikely]]
                read_unless_null(t, slot.attribute, in, entity);
            else
                current->decode(in, current->member_of(entity));
            current = nullptr;
            found.add(slot.attribute, value, in.rest().data());
        }
        at = in.rest().data();
    }
}

} // namespace

void detail::decode_value(entity_type const& t, json_reader& in, void* value) {
    expect(in, dynamodb::attribute_type::map);
    in.enter_object();
    item_values found;
    attribute_info const* current = nullptr;
    try {
        read_attributes(t, in, value, found, current);
        if (found.has_repeated()) [[unlikely]] {
            current = &t.attributes[found.first_repeated()];
            throw_error(errc::malformed_response, "a stored map has this attribute twice");
        }
    } catch (error const&) {
        if (current == nullptr) throw;
        rethrow_about_element(std::string_view(current->name));
    }
    in.close_attribute();
}

void entity_type::decode(json_reader& in, void* entity) const {
    item_values ignored;
    decode(in, entity, ignored);
}

void entity_type::decode(json_reader& in, void* entity, item_values& found) const {
    found.clear();
    in.enter_object();
    std::string_view const text = in.rest();
    attribute_info const* current = nullptr;
    try {
        read_attributes(*this, in, entity, found, current);
        check_values(*this, found);
        if (looks_again) look_again(*this, entity, found);
    } catch (error const& e) {
        rethrow_with_key(*this, e, current, text);
    }
    for (auto const& hook : read_hooks) hook.call(entity, nullptr);
}

void entity_type::note_values(json_reader& in, item_values& found) const {
    found.clear();
    std::string_view attribute_name;
    in.enter_object();
    while (in.next_member(attribute_name)) {
        auto const& slot = names->find(attribute_name);
        auto const value = in.skip_value();
        if (!slot.is_empty()) found.add(slot.attribute, value.data(), value.data() + value.size());
    }
    check_values(*this, found);
}

bool entity_type::spells_key(std::string_view json, item_values const& found) const noexcept {
    std::string_view rest = json;
    auto const take = [&rest](std::string_view part) {
        if (!rest.starts_with(part)) return false;
        rest.remove_prefix(part.size());
        return true;
    };
    auto const take_part = [&](char before, attribute_index i) {
        return take(std::string_view(&before, 1)) && take(attributes[i].json_name) && take(found[i]);
    };
    return take_part('{', key.partition) && (!key.sort || take_part(',', *key.sort)) && rest == "}";
}

} // namespace dynasio
