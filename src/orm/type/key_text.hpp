#ifndef DYNASIO_SRC_ORM_TYPE_KEY_TEXT_HPP
#define DYNASIO_SRC_ORM_TYPE_KEY_TEXT_HPP

#include <dynasio/orm/entity_type.hpp>

#include <string>
#include <string_view>

// Keys as text: the form in which the rows of a pivot table name an entity, and the key in the text of an item.
namespace dynasio::detail {

/// The key of an entity as text. Different keys have different texts, and the text of a single string is that string.
/// Throws errc::empty_key naming the member.
[[nodiscard]] std::string key_text(entity_type const& type, void const* entity);
/// The same of a key, `{"id":{"S":"…"}}`.
[[nodiscard]] std::string text_of_json_key(entity_type const& type, std::string_view key);
/// The same of the value of a key of one part, in wire form.
[[nodiscard]] std::string text_of_key_value(entity_type const& type, std::string_view wire);
/// The inverse: `{"id":{"S":"…"}}`. Throws errc::malformed_response when `text` was not made by key_text().
[[nodiscard]] std::string key_from_text(entity_type const& type, std::string_view text);

/// The value of a key of one part in wire form, from its text. Throws the same.
[[nodiscard]] std::string key_value_from_text(entity_type const& type, std::string_view text);

/// The key of the item or key whose text begins at `item`, as `{"id":{"S":"…"}}`. The attributes come in the order of
/// the type and in the spelling of `item`. Empty when a key attribute is missing. Other text may follow the item.
[[nodiscard]] std::string read_key(entity_type const& type, std::string_view item);

/// Appends the value of a key attribute, given in wire form as it came from anywhere, in the one spelling by which a
/// load recognises it: without white space and needless escapes, numbers as the service spells them. Two spellings of
/// one key in one request are refused by the service as duplicates. Nothing is appended for an absent value.
void append_key_value(std::string& out, attribute_info const& a, std::string_view wire);

} // namespace dynasio::detail

#endif
