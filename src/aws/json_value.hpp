#ifndef DYNASIO_SRC_AWS_JSON_VALUE_HPP
#define DYNASIO_SRC_AWS_JSON_VALUE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::aws::detail {

/// A small JSON document (RFC 8259) as a tree, for the output of processes, token caches and metadata services. All
/// text is wiped when the tree is destroyed. DynamoDB's JSON is read without a tree, by json_reader in the dynamodb
/// layer.
class json_value {
public:
    enum class kind : std::uint8_t { null, boolean, number, string, array, object };

    // Defined out of the class: its members contain json_value, which is incomplete inside the class.
    json_value();
    json_value(json_value const&);
    json_value(json_value&&) noexcept;
    json_value& operator=(json_value const&);
    json_value& operator=(json_value&&) noexcept;
    ~json_value();

    /// Returns nothing when `text` is not JSON, nests more than 32 deep, or repeats a member in an object.
    [[nodiscard]] static std::optional<json_value> parse(std::string_view text);
    [[nodiscard]] static json_value of_string(std::string text);
    [[nodiscard]] static json_value of_number(std::int64_t number);
    [[nodiscard]] static json_value of_object();

    [[nodiscard]] bool is_object() const noexcept { return kind_ == kind::object; }
    /// nullptr when this is not an object or has no such member.
    [[nodiscard]] json_value const* find(std::string_view name) const noexcept;
    [[nodiscard]] json_value* find(std::string_view name) noexcept;
    /// The text of a member; empty when the member is missing or not a string.
    [[nodiscard]] std::string string(std::string_view name) const;
    /// The value of a member; nothing when the member is missing or not an integer.
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const noexcept;
    /// Replaces or adds a member of an object.
    void set(std::string_view name, json_value value);

    [[nodiscard]] std::string to_text() const;

private:
    friend class json_parser;
    void append_to(std::string& out) const;
    [[nodiscard]] std::size_t longest_text() const noexcept;

    kind kind_ = kind::null;
    bool boolean_ = false;
    std::string text_{}; ///< A string without escapes, or a number as received.
    std::vector<std::pair<std::string, json_value>> members_{};
    std::vector<json_value> elements_{};
};

} // namespace dynasio::aws::detail

#endif
