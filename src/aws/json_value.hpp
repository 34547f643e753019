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

/// A small JSON document (RFC 8259) as a tree: what processes, token caches and metadata services give. All text is
/// wiped when the tree is destroyed. The service's own JSON has a reader without a tree; it stands above this layer.
class json_value {
public:
    enum class kind : std::uint8_t { null, boolean, number, string, array, object };

    // Defined elsewhere: inside the class its members, which hold values of it, cannot be asked about yet.
    json_value();
    json_value(json_value const&);
    json_value(json_value&&) noexcept;
    json_value& operator=(json_value const&);
    json_value& operator=(json_value&&) noexcept;
    ~json_value();

    /// Nothing when `text` is no JSON, nests more than 32 deep, or has a member twice in an object.
    [[nodiscard]] static std::optional<json_value> parse(std::string_view text);
    [[nodiscard]] static json_value of_string(std::string text);
    [[nodiscard]] static json_value of_number(std::int64_t number);
    [[nodiscard]] static json_value of_object();

    [[nodiscard]] bool is_object() const noexcept { return kind_ == kind::object; }
    /// nullptr when this is no object or has no such member.
    [[nodiscard]] json_value const* find(std::string_view name) const noexcept;
    [[nodiscard]] json_value* find(std::string_view name) noexcept;
    /// The member's text; empty when there is none that is a string.
    [[nodiscard]] std::string string(std::string_view name) const;
    /// The member's value; nothing when there is none that is a whole number.
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
    std::string text_{}; ///< Of a string, resolved; of a number, as it stands.
    std::vector<std::pair<std::string, json_value>> members_{};
    std::vector<json_value> elements_{};
};

} // namespace dynasio::aws::detail

#endif
