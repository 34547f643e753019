#ifndef DYNASIO_TESTS_SUPPORT_BY_CODECS_HPP
#define DYNASIO_TESTS_SUPPORT_BY_CODECS_HPP

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Items read and written by nothing but a reader and the members' codecs: what the entity's own functions, which know
// short ways for what is usual, are compared with.
namespace test {

inline void decode_by_codecs(dynasio::entity_type const& type, dynasio::dynamodb::json_reader& in, void* entity) {
    std::vector<dynasio::attribute_index> seen;
    auto const has = [&seen](dynasio::attribute_index i) { return std::ranges::find(seen, i) != seen.end(); };
    bool twice = false;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        auto const i = type.find_attribute(name);
        if (!i) {
            in.skip_value();
            continue;
        }
        twice = twice || has(*i);
        seen.push_back(*i);
        auto const keys = type.key_attributes();
        dynasio::dynamodb::json_reader behind = in;
        if (std::ranges::find(keys, *i) == keys.end() && !dynasio::detail::begin_unless_null(behind)) {
            // NULL leaves the member as it is, unless its codec reads it.
            try {
                type[*i].decode(in, type[*i].member_of(entity));
            } catch (dynasio::error const&) {
                in = std::move(behind);
            }
            continue;
        }
        type[*i].decode(in, type[*i].member_of(entity));
    }
    if (twice) dynasio::throw_error(dynasio::errc::malformed_response, "an attribute comes twice");
    for (auto const i : type.key_attributes())
        if (!has(i)) dynasio::throw_error(dynasio::errc::attribute_missing, type[i].name);
}

/// The members without braces.
inline std::string encode_by_codecs(dynasio::entity_type const& type, void const* entity) {
    std::string out;
    for (dynasio::attribute_index i = 0; i != type.attributes.size(); ++i) {
        std::string const wire = type.wire(entity, i);
        if (wire.empty()) continue;
        if (!out.empty()) out += ',';
        out += type[i].json_name + wire;
    }
    return out;
}

} // namespace test

#endif
