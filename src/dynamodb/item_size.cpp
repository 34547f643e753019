#include <dynasio/dynamodb/attribute_type.hpp>
#include <dynasio/dynamodb/detail/item_size.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::dynamodb::detail {
namespace {

/// More levels than a request can have: nesting is not checked here.
constexpr unsigned any_depth = 1024;

std::size_t size_of_number(std::string_view text) noexcept {
    auto const mantissa = text.substr(0, text.find_first_of("eE"));
    std::size_t digits = 0, zeros = 0; // zeros at either end are not stored
    for (char const c : mantissa) {
        if (c == '0') {
            zeros += digits != 0 ? 1 : 0;
        } else if (c >= '1' && c <= '9') {
            digits += std::exchange(zeros, std::size_t{0}) + 1;
        }
    }
    return 1 + digits / 2;
}

std::size_t size_of_binary(std::string_view base64) noexcept {
    while (!base64.empty() && base64.back() == '=') base64.remove_suffix(1);
    return base64.size() * 3 / 4;
}

std::size_t size_of_value(json_reader& in) {
    constexpr std::size_t container = 3, element = 1;
    std::size_t size = 0;
    switch (in.open_attribute()) {
    case attribute_type::string:
        size = in.read_string().size();
        break;
    case attribute_type::number:
        size = size_of_number(in.read_string());
        break;
    case attribute_type::binary:
        size = size_of_binary(in.read_string());
        break;
    case attribute_type::boolean:
    case attribute_type::null:
        in.skip_value();
        size = 1;
        break;
    case attribute_type::list:
        size = container;
        in.enter_array();
        while (in.next_element()) size += element + size_of_value(in);
        break;
    case attribute_type::map: {
        size = container;
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            size += element + name.size();
            size += size_of_value(in);
        }
        break;
    }
    case attribute_type::string_set:
        in.enter_array();
        while (in.next_element()) size += in.read_string().size();
        break;
    case attribute_type::number_set:
        in.enter_array();
        while (in.next_element()) size += size_of_number(in.read_string());
        break;
    case attribute_type::binary_set:
        in.enter_array();
        while (in.next_element()) size += size_of_binary(in.read_string());
        break;
    }
    in.close_attribute();
    return size;
}

/// Goes into the member `name` of the objects that `in` reads next and calls `found` at its value; skips the others.
template <class Found> void at_member(json_reader& in, std::string_view name, Found found) {
    std::string_view member;
    in.enter_object();
    while (in.next_member(member)) {
        if (member == name)
            found();
        else
            in.skip_value();
    }
}

/// Calls check_item_size() for `{"Item":…}` under `form` in each element of a list.
void check_actions(json_reader& in, std::string_view form) {
    in.enter_array();
    while (in.next_element())
        at_member(in, form, [&] { at_member(in, "Item", [&] { check_item_size(in.skip_value()); }); });
}

} // namespace

void item_measure::add(std::string_view name, std::string_view value) {
    std::size_t size = name.size();
    try {
        json_reader in(value, any_depth);
        size += size_of_value(in);
    } catch (error const&) {
        return; // the service will say what is wrong with it
    }
    size_ += size;
    if (size <= largest_size_) return;
    largest_size_ = size;
    largest_ = name;
}

void item_measure::add_item(std::string_view json) {
    json_reader in(json, any_depth);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        std::string const owned(name);
        add(owned, in.skip_value());
    }
}

void item_measure::check() const {
    if (size_ <= max_item_size) return;
    diagnostics d;
    d.attribute = largest_;
    d.message = "the item has at least " + std::to_string(size_) + " bytes, of which " + largest_ + " takes " +
                std::to_string(largest_size_) + "; DynamoDB stores at most " + std::to_string(max_item_size) +
                " (400 KB) in an item: divide it, or keep large values elsewhere";
    throw_error(errc::item_too_large, std::move(d));
}

void check_item_size(std::string_view json) {
    if (json.size() <= max_item_size) return;
    item_measure measure;
    try {
        measure.add_item(json);
    } catch (error const&) {
        return; // no JSON, which the service refuses
    }
    measure.check();
}

void check_item_sizes(operation op, std::string_view body) {
    if (body.size() <= max_item_size) return;
    json_reader in(body, any_depth);
    switch (op) {
    case operation::put_item:
        at_member(in, "Item", [&] { check_item_size(in.skip_value()); });
        break;
    case operation::transact_write_items:
        at_member(in, "TransactItems", [&] { check_actions(in, "Put"); });
        break;
    case operation::batch_write_item:
        at_member(in, "RequestItems", [&] {
            std::string_view table;
            in.enter_object();
            while (in.next_member(table)) check_actions(in, "PutRequest");
        });
        break;
    default:
        break;
    }
}

} // namespace dynasio::dynamodb::detail
