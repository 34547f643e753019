#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/variant.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio::detail {

using dynamodb::attribute_type;
using dynamodb::json_reader;

namespace {

/// The last sentence of every error about a value that no alternative takes.
constexpr std::string_view advice =
    "; add an alternative for it, or one of type dynasio::dynamodb::attribute_value, which "
    "keeps what no other alternative takes";

[[noreturn]] void throw_other_type(variant_info const& of, attribute_type stored) {
    std::string known;
    for (std::size_t i = 0; i < of.alternatives.size(); ++i) {
        auto const one = dynamodb::to_string(of.alternatives[i].type);
        if (i == of.empty || known.ends_with(one)) continue;
        if (!known.empty()) known += ", ";
        known += one;
    }
    throw_error(errc::attribute_type_mismatch,
                "the stored attribute has type " + std::string(dynamodb::to_string(stored)) +
                    ", the alternatives of the member are stored as " + known + std::string(advice));
}

std::string known_tags(variant_info const& of) {
    std::string known;
    for (auto const& one : of.alternatives)
        if (!one.tag.empty()) append_known_name(known, one.tag);
    return known;
}

/// An error about the tag itself, which is an attribute of the map.
[[noreturn]] void throw_about_tag(variant_info const& of, std::string message) {
    diagnostics d;
    d.attribute = '.' + std::string(of.tag);
    d.message = std::move(message);
    throw_error(errc::attribute_type_mismatch, std::move(d));
}

/// The alternative of a map; `in` stands before its opening brace.
std::size_t find_tagged(json_reader& in, variant_info const& of) {
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name != of.tag) {
            in.skip_value();
            continue;
        }
        auto const stored = in.open_attribute();
        if (stored != attribute_type::string) {
            if (of.other != variant_info::none) return of.other;
            throw_about_tag(of, "the tag that tells what the map holds has type " +
                                    std::string(dynamodb::to_string(stored)) +
                                    " and not S; migrate the item to one of " + known_tags(of));
        }
        std::string_view const text = in.read_string();
        for (std::size_t i = 0; i < of.alternatives.size(); ++i)
            if (of.alternatives[i].tag == text && !text.empty()) return i;
        if (of.other != variant_info::none) return of.other;
        throw_about_tag(of, "the stored tag \"" + std::string(text.substr(0, 64)) +
                                "\" names no alternative of the member, which knows " + known_tags(of) +
                                std::string(advice));
    }
    if (of.other != variant_info::none) return of.other;
    throw_about_tag(of, "the stored map lacks the tag that tells what it holds, one of " + known_tags(of) +
                            "; migrate the item");
}

} // namespace

std::size_t find_alternative(json_reader const& in, variant_info const& of) {
    // No copy of the reader, which would copy the text that it has unescaped last.
    json_reader ahead(in.rest(), in.levels_left());
    auto const stored = ahead.open_attribute();
    if (stored == attribute_type::null && of.empty != variant_info::none) return of.empty;
    if (stored == attribute_type::map && !of.tag.empty()) return find_tagged(ahead, of);
    for (std::size_t i = 0; i < of.alternatives.size(); ++i)
        if (of.alternatives[i].type == stored && i != of.other) return i;
    if (of.other != variant_info::none) return of.other;
    throw_other_type(of, stored);
}

void encode_tagged(variant_info const& of, std::size_t alternative, std::string& out, void const* value, purpose why) {
    auto const& chosen = of.alternatives[alternative];
    std::string tag;
    dynamodb::append_json_string(tag, of.tag);
    tag += ':';
    dynamodb::append_string_attribute(tag, chosen.tag);
    encode_value(chosen.value(), out, value, why, tag);
}

void throw_valueless() {
    throw_error(errc::invalid_argument,
                "the member is a std::variant without a value, which an exception has left behind; assign it");
}

} // namespace dynasio::detail
