#include "json_value.hpp"

#include <charconv>
#include <set>
#include <system_error>

#include "../core/ascii.hpp"
#include "../core/json_escape.hpp"
#include "../core/utf8.hpp"
#include "wipe.hpp"

namespace dynasio::aws::detail {
namespace {

using dynasio::detail::is_digit;

constexpr unsigned max_depth = 32;

/// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept {
    auto const* at = text.data();
    auto const* const end = at + text.size();
    while (at != end) {
        if (static_cast<unsigned char>(*at) < 0x80) {
            ++at;
        } else if (at = dynasio::detail::skip_non_ascii(at, end); at == nullptr) {
            return false;
        }
    }
    return true;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (char const c : text) {
        if (dynasio::detail::needs_json_escape(c)) {
            dynasio::detail::append_json_escape(out, c);
        } else {
            out += c;
        }
    }
    out += '"';
}

} // namespace

/// Every read_…() returns false when the text is not JSON.
class json_parser {
public:
    explicit json_parser(std::string_view text) noexcept : rest_(text) {}

    bool read_document(json_value& out) {
        skip_space();
        if (!read_value(out, 0)) return false;
        skip_space();
        return rest_.empty();
    }

private:
    void skip_space() noexcept {
        auto const first = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
    }
    bool take(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take(std::string_view word) noexcept {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }

    bool read_value(json_value& out, unsigned depth) {
        if (rest_.empty() || depth > max_depth) return false;
        switch (rest_.front()) {
        case '{':
            return read_object(out, depth);
        case '[':
            return read_array(out, depth);
        case '"':
            out.kind_ = json_value::kind::string;
            return read_string(out.text_);
        case 't':
            out.kind_ = json_value::kind::boolean;
            out.boolean_ = true;
            return take("true");
        case 'f':
            out.kind_ = json_value::kind::boolean;
            return take("false");
        case 'n':
            return take("null");
        default:
            out.kind_ = json_value::kind::number;
            return read_number(out.text_);
        }
    }

    bool read_object(json_value& out, unsigned depth) {
        out.kind_ = json_value::kind::object;
        rest_.remove_prefix(1);
        skip_space();
        if (take('}')) return true;
        std::set<std::string> names; // a search of the members for each would take the square of their number
        for (;;) {
            std::string name;
            skip_space();
            if (rest_.empty() || rest_.front() != '"' || !read_string(name)) return false;
            if (!names.insert(name).second) return false;
            skip_space();
            if (!take(':')) return false;
            skip_space();
            auto& member = out.members_.emplace_back(std::move(name), json_value());
            if (!read_value(member.second, depth + 1)) return false;
            skip_space();
            if (take('}')) return true;
            if (!take(',')) return false;
        }
    }

    bool read_array(json_value& out, unsigned depth) {
        out.kind_ = json_value::kind::array;
        rest_.remove_prefix(1);
        skip_space();
        if (take(']')) return true;
        for (;;) {
            skip_space();
            if (!read_value(out.elements_.emplace_back(), depth + 1)) return false;
            skip_space();
            if (take(']')) return true;
            if (!take(',')) return false;
        }
    }

    bool read_number(std::string& out) {
        std::size_t n = 0;
        auto const digit = [&] { return n < rest_.size() && is_digit(rest_[n]); };
        auto const digits = [&] {
            if (!digit()) return false;
            while (digit()) ++n;
            return true;
        };
        if (n < rest_.size() && rest_[n] == '-') ++n;
        bool const zero = n < rest_.size() && rest_[n] == '0';
        std::size_t const whole = n;
        if (!digits() || (zero && n != whole + 1)) return false;
        if (n < rest_.size() && rest_[n] == '.') {
            ++n;
            if (!digits()) return false;
        }
        if (n < rest_.size() && (rest_[n] == 'e' || rest_[n] == 'E')) {
            ++n;
            if (n < rest_.size() && (rest_[n] == '+' || rest_[n] == '-')) ++n;
            if (!digits()) return false;
        }
        out = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return true;
    }

    bool read_escape(std::string& out) {
        char const* const end = rest_.data() + rest_.size();
        auto const escape = dynasio::detail::read_json_escape(rest_.data(), end);
        if (escape.next == nullptr) return false;
        dynasio::detail::append_utf8(out, escape.code_point);
        rest_.remove_prefix(static_cast<std::size_t>(escape.next - rest_.data()));
        return true;
    }

    bool read_string(std::string& out) {
        rest_.remove_prefix(1);
        // Growing would leave parts of a secret in freed memory, so the length is reserved first. Decoded text is never
        // longer than its JSON.
        std::size_t length = 0;
        while (length < rest_.size() && rest_[length] != '"') length += rest_[length] == '\\' ? 2 : 1;
        out.reserve(length);
        for (;;) {
            if (rest_.empty()) return false;
            char const c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return is_utf8(out);
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c != '\\') {
                out += c;
            } else if (!read_escape(out)) {
                return false;
            }
        }
    }

    std::string_view rest_;
};

json_value::json_value() = default;
json_value::json_value(json_value const&) = default;
json_value::json_value(json_value&&) noexcept = default;
json_value& json_value::operator=(json_value const&) = default;
json_value& json_value::operator=(json_value&&) noexcept = default;
json_value::~json_value() { wipe(text_); }

std::optional<json_value> json_value::parse(std::string_view text) {
    json_value root;
    if (!json_parser(text).read_document(root)) return std::nullopt;
    return root;
}

json_value json_value::of_string(std::string text) {
    json_value result;
    result.kind_ = kind::string;
    result.text_ = take_secret(text);
    return result;
}

json_value json_value::of_number(std::int64_t number) {
    json_value result;
    result.kind_ = kind::number;
    result.text_ = std::to_string(number);
    return result;
}

json_value json_value::of_object() {
    json_value result;
    result.kind_ = kind::object;
    return result;
}

json_value const* json_value::find(std::string_view name) const noexcept {
    for (auto const& [member, value] : members_)
        if (member == name) return &value;
    return nullptr;
}

json_value* json_value::find(std::string_view name) noexcept {
    return const_cast<json_value*>(std::as_const(*this).find(name));
}

std::string json_value::string(std::string_view name) const {
    json_value const* const member = find(name);
    return member != nullptr && member->kind_ == kind::string ? member->text_ : std::string();
}

std::optional<std::int64_t> json_value::integer(std::string_view name) const noexcept {
    json_value const* const member = find(name);
    if (member == nullptr || member->kind_ != kind::number) return std::nullopt;
    std::int64_t value = 0;
    char const* const last = member->text_.data() + member->text_.size();
    auto const [end, failed] = std::from_chars(member->text_.data(), last, value);
    if (failed != std::errc() || end != last) return std::nullopt;
    return value;
}

void json_value::set(std::string_view name, json_value value) {
    if (json_value* const member = find(name)) {
        wipe(member->text_);
        *member = std::move(value);
    } else {
        members_.emplace_back(std::string(name), std::move(value));
    }
}

std::string json_value::to_text() const {
    std::string out;
    // Growing would leave parts of a secret in freed memory.
    out.reserve(longest_text());
    append_to(out);
    return out;
}

std::size_t json_value::longest_text() const noexcept {
    constexpr std::size_t longest_escape = 6;
    std::size_t size = text_.size() * longest_escape + 8;
    for (json_value const& element : elements_) size += element.longest_text() + 1;
    for (auto const& [name, value] : members_) size += name.size() * longest_escape + value.longest_text() + 4;
    return size;
}

void json_value::append_to(std::string& out) const {
    bool first = true;
    auto const separate = [&] {
        if (!first) out += ',';
        first = false;
    };
    switch (kind_) {
    case kind::null:
        out += "null";
        break;
    case kind::boolean:
        out += boolean_ ? "true" : "false";
        break;
    case kind::number:
        out += text_;
        break;
    case kind::string:
        append_quoted(out, text_);
        break;
    case kind::array:
        out += '[';
        for (json_value const& element : elements_) {
            separate();
            element.append_to(out);
        }
        out += ']';
        break;
    case kind::object:
        out += '{';
        for (auto const& [name, value] : members_) {
            separate();
            append_quoted(out, name);
            out += ':';
            value.append_to(out);
        }
        out += '}';
        break;
    }
}

} // namespace dynasio::aws::detail
