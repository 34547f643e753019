#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/uuid.hpp>

#include <dynasio/core/ulid.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace dynasio::detail {

void encode_uuid(std::string& out, uuid_bytes const& value) {
    if (value == uuid_bytes{}) throw_nil("UUID");
    std::array<char, uuid_text_size> text{};
    uuid_to_chars(value, text.data());
    dynamodb::append_string_attribute(out, {text.data(), text.size()});
}

uuid_bytes decode_uuid(dynamodb::json_reader& in) {
    auto const text = decode_text(in);
    auto const parsed = parse_uuid(text);
    if (!parsed) throw_no_id("UUID", text);
    return *parsed;
}

std::string new_uuid_key(ulid_generator& ids) { return uuid_text(ids.next_uuid()); }
std::string new_random_uuid_key(ulid_generator& ids) { return uuid_text(ids.random_uuid()); }

std::optional<system_time> uuid_key_time(std::string_view text) {
    auto const parsed = parse_uuid(text);
    return parsed ? uuid_time(*parsed) : std::nullopt;
}

} // namespace dynasio::detail
