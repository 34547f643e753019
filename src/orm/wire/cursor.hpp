#ifndef DYNASIO_SRC_ORM_WIRE_CURSOR_HPP
#define DYNASIO_SRC_ORM_WIRE_CURSOR_HPP

#include <optional>
#include <string>
#include <string_view>

namespace dynasio::detail {

struct query_spec;

/// 16 hexadecimal digits: FNV-1a, 64 bits. It tells damaged texts, and texts of another origin, from right ones; it
/// does not protect against forged ones.
[[nodiscard]] std::string fingerprint(std::string_view identity);

/// Text that may leave the process and come back: `content`, which is not secret, with a fingerprint of it and of
/// `identity`. It may stand in a link.
[[nodiscard]] std::string seal(std::string_view identity, std::string_view content);
/// The content; nothing when the text is damaged or was sealed with another identity.
[[nodiscard]] std::optional<std::string> unseal(std::string_view identity, std::string_view text);

/// The query that a cursor belongs to, as text: entity, condition and order. Throws errc::no_usable_index for an order
/// that is made in the client, because such a query is read whole and has no place to continue from.
[[nodiscard]] std::string cursor_identity(query_spec const& query);
/// The text of a cursor: a LastEvaluatedKey together with a fingerprint of the key and its query.
[[nodiscard]] std::string encode_cursor(std::string_view identity, std::string_view key);
/// The LastEvaluatedKey of a cursor. Throws errc::invalid_cursor for damaged text and for a cursor of another query.
[[nodiscard]] std::string decode_cursor(std::string_view identity, std::string_view text);

} // namespace dynasio::detail

#endif
