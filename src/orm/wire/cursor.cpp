#include "cursor.hpp"

#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <cstdint>
#include <utility>

#include "../plan/access_plan.hpp"
#include "query_read.hpp"

namespace dynasio::detail {

namespace {

constexpr std::size_t fingerprint_size = 16;

} // namespace

std::string fingerprint(std::string_view identity) {
    std::uint64_t hash = 14695981039346656037u;
    for (char const c : identity) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211u;
    }
    std::string text(fingerprint_size, '0');
    constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < fingerprint_size; ++i) text[i] = digits[(hash >> (60 - 4 * i)) & 15];
    return text;
}

namespace {

[[noreturn]] void refuse_cursor(char const* why) {
    throw_error(errc::invalid_cursor,
                std::string(why) + "; use the cursor that the previous page of the same query gave, unchanged");
}

} // namespace

std::string cursor_identity(query_spec const& query) {
    if (query.timeless) {
        // The time at which entities count as expired is another for each page.
        query_spec at_no_time = query;
        at_no_time.select.where = *std::exchange(at_no_time.timeless, std::nullopt);
        return cursor_identity(at_no_time);
    }
    entity_type const& type = *query.type;
    auto const access = plan_of(query);
    if (access.sort_here) {
        diagnostics d;
        d.message = "pages need an order that a key or index has, and none that serves the condition sorts by " +
                    type[*access.sort_here->by].name +
                    "; add an index with this sort key, or read everything with all()";
        throw_error(errc::no_usable_index, std::move(d));
    }
    // The requests of two queries decide whether they may share a cursor. The table is named without the client's
    // prefix, so that a cursor holds for every stage of a deployment.
    query_text const text(type, type.table, access, {}, projection::items, false);
    std::string identity = type.name + '\n' + text.identity() + '\n';
    append_identity(identity, access.scope.residue);
    return identity;
}

std::string seal(std::string_view identity, std::string_view content) {
    std::string text;
    dynamodb::append_base64(text, content);
    // The alphabet for URLs (RFC 4648, section 5) without padding, so that the text can stand in a link.
    while (!text.empty() && text.back() == '=') text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return fingerprint(std::string(identity) + '\n' + std::string(content)) + text;
}

std::optional<std::string> unseal(std::string_view identity, std::string_view text) {
    if (text.size() <= fingerprint_size) return std::nullopt;
    std::string coded(text.substr(fingerprint_size));
    for (char& c : coded) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (coded.size() % 4 != 0) coded += '=';
    std::string content;
    if (!dynamodb::decode_base64(coded, content) || seal(identity, content) != text) return std::nullopt;
    return content;
}

std::string encode_cursor(std::string_view identity, std::string_view key) { return seal(identity, key); }

std::string decode_cursor(std::string_view identity, std::string_view text) {
    if (text.size() <= fingerprint_size) refuse_cursor("the cursor is no cursor");
    auto key = unseal(identity, text);
    if (!key) refuse_cursor("the cursor is damaged or belongs to another query");
    try {
        dynamodb::json_reader in(*key);
        (void)dynamodb::read_item(in); // also refuses an object that has a name twice
        in.finish();
    } catch (error const&) {
        refuse_cursor("the cursor is damaged");
    }
    return *std::move(key);
}

} // namespace dynasio::detail
