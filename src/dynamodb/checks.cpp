#include "checks.hpp"

#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::dynamodb::detail {
namespace {

constexpr std::size_t max_arn_length = 1024;

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

/// Number of characters of `text`. The service limits characters, so continuation bytes of UTF-8 are not counted.
std::size_t characters(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

} // namespace

void refuse(errc code, operation op, std::string_view table, std::string_view attribute, std::string message) {
    diagnostics d;
    d.message = std::move(message);
    d.operation = to_string(op);
    d.table = table;
    d.attribute = attribute;
    throw_error(code, std::move(d));
}

std::exception_ptr located(std::exception_ptr refused, operation op, std::string_view table) {
    try {
        std::rethrow_exception(refused);
    } catch (error const& e) {
        error_context known;
        known.operation = to_string(op);
        known.table = table;
        return std::make_exception_ptr(with_context(e, known));
    } catch (...) {
        return std::current_exception();
    }
}

void check_table_name(operation op, std::string_view table, std::string_view member) {
    if (table.empty())
        refuse(errc::invalid_argument, op, {}, {}, "the table name is empty: set " + std::string(member));
    bool const arn = table.starts_with("arn:");
    bool const good = table.size() <= max_arn_length && std::all_of(table.begin(), table.end(), [arn](char c) {
                          return is_name_character(c) || (arn && (c == ':' || c == '/'));
                      });
    if (!good)
        refuse(errc::invalid_argument, op, table, {},
               "the table name has characters outside [a-zA-Z0-9_.-] or is too long: change it");
}

void check_index_name(operation op, std::string_view table, std::string_view index) {
    if (index.empty() || !std::all_of(index.begin(), index.end(), is_name_character))
        refuse(errc::invalid_argument, op, table, {}, "index_name is empty or has characters outside [a-zA-Z0-9_.-]");
}

void check_text(operation op, std::string_view table, std::string_view member, std::string_view value,
                std::size_t least, std::size_t most) {
    if (value.size() < least)
        refuse(errc::invalid_argument, op, table, {}, quoted(member) + " is empty: give it a value");
    if (value.size() > most && characters(value) > most)
        refuse(errc::invalid_argument, op, table, {},
               quoted(member) + " has " + std::to_string(characters(value)) + " characters, " + std::to_string(most) +
                   " are allowed: shorten it");
}

void check_count(operation op, std::string_view table, std::string_view member, std::size_t count, std::size_t least,
                 std::size_t most) {
    if (count < least)
        refuse(errc::invalid_argument, op, table, {},
               quoted(member) +
                   (count == 0 ? " has no elements: give at least " : " has too few elements: give at least ") +
                   std::to_string(least));
    if (count > most)
        refuse(errc::batch_too_large, op, table, {},
               quoted(member) + " has " + std::to_string(count) + " elements, " + std::to_string(most) +
                   " are allowed: split them");
}

void check_range(operation op, std::string_view table, std::string_view member, std::int64_t value, std::int64_t least,
                 std::int64_t most) {
    if (value >= least && value <= most) return;
    refuse(errc::invalid_argument, op, table, {},
           quoted(member) + " is " + std::to_string(value) + ": give " +
               (most == unlimited ? "at least " + std::to_string(least)
                                  : std::to_string(least) + " to " + std::to_string(most)));
}

void check_key(operation op, std::string_view table, item const& key) {
    if (key.empty()) refuse(errc::invalid_argument, op, table, {}, "the key has no attributes: give the table's key");
    for (auto const& [name, value] : key) {
        bool empty = false;
        switch (value.type()) {
        case attribute_type::string:
            empty = value.as_string().empty();
            break;
        case attribute_type::binary:
            empty = value.as_binary().bytes.empty();
            break;
        case attribute_type::number:
            break;
        default:
            refuse(errc::invalid_argument, op, table, name,
                   "a key attribute is neither string, number nor binary: give a value of the key's type");
        }
        if (empty) refuse(errc::empty_key, op, table, name, "give the attribute a value");
    }
}

std::string key_identity(item const& key) {
    std::string out;
    for (auto const& [name, value] : key) {
        append_json_string(out, name);
        out += ':';
        if (value.type() == attribute_type::number) {
            append_number_attribute(out, canonical_number(value.as_number().text()));
        } else {
            append_json(out, value);
        }
        out += ',';
    }
    return out;
}

} // namespace dynasio::dynamodb::detail
