#include "comparable.hpp"

#include <dynasio/dynamodb/json.hpp>

namespace dynasio::detail {

using dynamodb::attribute_type;

comparable::comparable(std::string_view wire) {
    if (wire.empty()) return;
    dynamodb::json_reader in(wire);
    type = in.open_attribute();
    switch (type) {
    case attribute_type::boolean:
        text = in.read_bool() ? "1" : "0";
        break;
    case attribute_type::string:
    case attribute_type::number:
        text = in.read_string();
        break;
    case attribute_type::binary:
        if (!dynamodb::decode_base64(in.read_string(), text)) in.fail("a binary value is no base64");
        break;
    case attribute_type::null:
        break;
    default:
        text = wire;
    }
}

int compare(comparable const& a, comparable const& b) {
    if (a.is_null() || b.is_null()) return int(b.is_null()) - int(a.is_null());
    if (a.type != b.type) return a.type < b.type ? -1 : 1;
    return a.type == attribute_type::number ? dynamodb::compare_numbers(a.text, b.text) : a.text.compare(b.text);
}

} // namespace dynasio::detail
