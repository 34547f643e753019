#include <dynasio/orm/detail/reflect.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/utf8.hpp"
#include "name_table.hpp"
#include "short_number.hpp"

namespace dynasio {

using detail::inlined_codec;
using dynamodb::json_reader;
using dynamodb::detail::load;
using dynamodb::detail::no_quote;
using dynamodb::detail::word;

namespace {

/// Up to 64 of the attributes that one item had. Asked once at the end, so that it costs each attribute a few
/// instructions and no branch that depends on the item.
struct attribute_bits {
    static constexpr attribute_index count = 64;

    void add(attribute_index i) noexcept {
        auto const self = std::uint64_t{1} << i;
        twice |= seen & self;
        seen |= self;
    }
    [[nodiscard]] std::size_t first_twice() const noexcept { return static_cast<std::size_t>(std::countr_zero(twice)); }

    std::uint64_t seen = 0;
    std::uint64_t twice = 0;
};
static_assert(detail::max_members <= 2 * attribute_bits::count);

// What follows reads members that are spelt as the service spells nearly all of them: no white space, no escapes in the
// name, `{"S":"` and so on. It works on a pointer and touches no state of the reader, which is most of the gain; what
// it does not know it leaves unread, and the reader and the codecs see it.

/// The start of a value, with the quote that ends the name: `":{"S":"`.
constexpr std::uint64_t string_begins = word('"', ':', '{', '"', 'S', '"', ':', '"');
constexpr std::uint64_t number_begins = word('"', ':', '{', '"', 'N', '"', ':', '"');
constexpr std::uint64_t list_begins = word('"', ':', '{', '"', 'L', '"', ':', '[');
constexpr std::uint64_t boolean_begins = word('"', ':', '{', '"', 'B', 'O', 'O', 'L');
constexpr std::uint16_t member_follows = word(',', '"');
constexpr std::size_t begins_size = 8;
constexpr std::uint16_t value_ends = word('"', '}');
/// How deep a usual value nests: {"L":[{"S":"…"}]}
constexpr unsigned usual_levels = 3;
/// How many bytes of the value itself, and of all of the member, are looked at without asking whether they are there.
constexpr std::size_t value_reach = 2 * dynamodb::detail::scan_width;
constexpr std::ptrdiff_t member_reach =
    sizeof(std::uint16_t) + dynamodb::detail::scan_width + begins_size + value_reach + sizeof value_ends;

void assign_text(std::string& member, std::string_view text) {
    // Nearly always the member is empty, and appending checks less.
    if (member.empty())
        member.append(text.data(), text.size());
    else
        member.assign(text.data(), text.size());
}

/// text_size() of a text that is longer than one look, or has letters outside of ASCII.
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

/// How many bytes of text without escapes come before the quote that ends it, behind which there is another byte;
/// no_quote when it is none of that kind.
std::size_t text_size(char const* at, char const* end) noexcept {
    std::size_t const size = dynamodb::detail::plain_size_before_quote(at);
    return size != no_quote ? size : other_text_size(at, end);
}

/// Whether a value ends behind text of that size. (Compilers make a branch of this only where something is done
/// or not done because of it: nobody waits for what is loaded here.)
bool ends_value(char const* at, std::size_t size) noexcept {
    return size != no_quote && load<std::uint16_t>(at + size) == value_ends;
}

/// The elements and the end of a list.
[[gnu::noinline]] char const* read_string_list(char const* at, char const* end, std::vector<std::string>& member) {
    constexpr std::size_t element_begins_size = begins_size - 2; // no name before it
    struct element {
        char const* data;
        std::size_t size;
    };
    std::array<element, 8> texts; // A longer list can afford its codec. Filling it with zeros costs as much as reading.
    std::size_t count = 0;
    for (;; ++at) {
        if (count == texts.size() || end - at < static_cast<std::ptrdiff_t>(begins_size + value_reach)) return nullptr;
        // The byte in front is the bracket, or the comma.
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

/// Out of line, so that there is one loop over digits for all integers.
[[gnu::noinline]] bool parse_integer(std::string_view text, std::int64_t& value) noexcept {
    return detail::parse_short_number(text, value);
}

template <class Integer> char const* read_integer(char const* at, void* member) noexcept {
    std::size_t const size = dynamodb::detail::size_before_quote(at);
    std::int64_t wide = 0;
    if (!ends_value(at, size) || !parse_integer({at, size}, wide) || !std::in_range<Integer>(wide)) return nullptr;
    auto const value = static_cast<Integer>(wide);
    std::memcpy(member, &value, sizeof value); // long and long long, for instance, are two types
    return at + size + sizeof value_ends;
}

/// Reads a value. `at` is the quote that ends the member's name; value_reach bytes behind the value's start are there.
/// Answers where the value ends, or null: then it is not read, and the member as it was.
char const* read_usual_value(inlined_codec codec, char const* at, char const* end, void* member) {
    auto const begins = load<std::uint64_t>(at);
    at += begins_size;
    switch (codec) {
    case inlined_codec::none:
        return nullptr;
    case inlined_codec::string: {
        if (begins != string_begins) return nullptr;
        std::size_t const size = text_size(at, end);
        if (!ends_value(at, size)) return nullptr;
        assign_text(*static_cast<std::string*>(member), {at, size});
        return at + size + sizeof value_ends;
    }
    case inlined_codec::optional_string: {
        if (begins != string_begins) return nullptr;
        std::size_t const size = text_size(at, end);
        if (!ends_value(at, size)) return nullptr;
        auto& to = *static_cast<std::optional<std::string>*>(member);
        assign_text(to ? *to : to.emplace(), {at, size});
        return at + size + sizeof value_ends;
    }
    case inlined_codec::string_list:
        return begins == list_begins ? read_string_list(at, end, *static_cast<std::vector<std::string>*>(member))
                                     : nullptr;
    case inlined_codec::timestamp: {
        if (begins != string_begins || load<std::uint16_t>(at + timestamp::text_size) != value_ends) return nullptr;
        auto const time = timestamp::parse({at, timestamp::text_size});
        if (!time) return nullptr;
        *static_cast<timestamp*>(member) = *time;
        return at + timestamp::text_size + sizeof value_ends;
    }
    case inlined_codec::boolean: {
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
    case inlined_codec::signed_32:
        return begins == number_begins ? read_integer<std::int32_t>(at, member) : nullptr;
    case inlined_codec::signed_64:
        return begins == number_begins ? read_integer<std::int64_t>(at, member) : nullptr;
    case inlined_codec::unsigned_32:
        return begins == number_begins ? read_integer<std::uint32_t>(at, member) : nullptr;
    case inlined_codec::unsigned_64:
        return begins == number_begins ? read_integer<std::uint64_t>(at, member) : nullptr;
    case inlined_codec::floating_64: {
        std::size_t const size = dynamodb::detail::size_before_quote(at);
        bool const usual = begins == number_begins && ends_value(at, size) &&
                           detail::parse_short_number({at, size}, *static_cast<double*>(member));
        return usual ? at + size + sizeof value_ends : nullptr;
    }
    }
    return nullptr;
}

/// What one item has had so far.
struct item_facts {
    void add(entity_type::name_slot const& slot, char const* value, char const* after) noexcept {
        if (slot.attribute < low.count) [[likely]]
            low.add(slot.attribute);
        else
            high.add(static_cast<attribute_index>(slot.attribute - low.count));
        values[slot.key_part] = {value, static_cast<std::size_t>(after - value)};
    }

    attribute_bits low;
    attribute_bits high; // of few entities
    // Of the partition key, of the sort key, and of whatever came last: chosen without a branch.
    std::array<std::string_view, 3> values{};
};

/// Reads members as long as they are usual. `at` is what stands before the next one, `before` it and its quote. Answers
/// where the next one begins in the same way.
///
/// A function of its own without anything rare in it: where the next member begins depends on the one before, and this
/// chain must not go through memory.
[[gnu::noinline]] char const* read_usual_members(entity_type const& t, char const* at, char const* end,
                                                 std::uint16_t before, char* entity, item_facts& facts) {
    auto const* const slots = t.names_table.data();
    std::size_t const mask = t.names_table.size() - 1;
    std::uint64_t const multiplier = t.names_multiplier;
    while (end - at >= member_reach && load<std::uint16_t>(at) == before) {
        char const* const name = at + 2;
        std::size_t const size = dynamodb::detail::size_before_quote(name);
        if (size == no_quote) break;
        auto const words = dynamodb::detail::short_words_of(name, size);
        auto const& slot = slots[detail::first_slot(words, size, multiplier, mask)];
        if (slot.usual_size != size || slot.words != words) break;
        char const* const after = read_usual_value(slot.inlined, name + size, end, entity + slot.offset);
        if (after == nullptr) break;
        facts.add(slot, name + size + 2, after);
        at = after;
        before = member_follows;
    }
    return at;
}

[[noreturn, gnu::cold]] void throw_about(entity_type const& t, std::size_t attribute, errc code, char const* message) {
    diagnostics d;
    d.entity = t.name;
    d.attribute = t.attributes[attribute].name;
    d.message = message;
    throw_error(code, std::move(d));
}

} // namespace

void entity_type::decode(json_reader& in, void* entity) const {
    key_text_view ignored;
    decode(in, entity, ignored);
}

void entity_type::decode(json_reader& in, void* entity, key_text_view& found) const {
    in.enter_object();
    std::string_view const text = in.rest();
    char const* const end = text.data() + (in.levels_left() >= usual_levels ? text.size() : 0);
    char const* at = text.data() - 1; // Every member has something before it: first the brace, then a comma.
    auto before = word('{', '"');
    item_facts facts;
    std::string_view attribute_name;
    attribute_info const* current = nullptr;
    try {
        for (;;) {
            char const* const stopped = read_usual_members(*this, at, end, before, static_cast<char*>(entity), facts);
            if (stopped != at || before == member_follows) in.go_on_at(stopped);
            before = member_follows;
            if (!in.next_member(attribute_name)) break;
            name_slot const& slot = detail::find_name(*this, attribute_name);
            if (slot.attribute == name_slot::no_attribute) {
                in.skip_value();
            } else {
                char const* const value = in.skip_to_value();
                current = &attributes[slot.attribute];
                current->decode(in, current->member_of(entity));
                current = nullptr;
                facts.add(slot, value, in.rest().data());
            }
            at = in.rest().data();
        }
    } catch (error const& e) {
        if (!current) throw;
        diagnostics d = e.info();
        d.entity = name;
        d.attribute = current->name;
        throw_error(e.code(), std::move(d));
    }
    auto const& [low, high, values] = facts;
    if ((low.twice | high.twice) != 0) [[unlikely]]
        throw_about(*this, low.twice != 0 ? low.first_twice() : low.count + high.first_twice(),
                    errc::malformed_response, "an item has this attribute twice");
    found = {values[0], values[1]};
    if (found.partition.empty() || (key.sort && found.sort.empty())) [[unlikely]]
        throw_about(*this, found.partition.empty() ? key.partition : *key.sort, errc::attribute_missing,
                    "an item lacks its key attribute; does the schema describe this table, and does the index project "
                    "all attributes?");
}

} // namespace dynasio
