#include "xml_texts.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include "wipe.hpp"

namespace dynasio::aws::detail {
namespace {

constexpr std::size_t max_element_depth = 16;
constexpr std::size_t max_elements = 256;
constexpr std::string_view xml_blanks = " \t\r\n";

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.:").find(c) != std::string_view::npos;
}

} // namespace

/// Every read_…() returns false when the text is not well-formed.
class xml_parser {
public:
    explicit xml_parser(std::string_view text) noexcept : rest_(text) {}

    bool read_document(xml_texts& out) {
        if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
        if (rest_.starts_with("<?xml") && !skip_past("?>")) return false;
        if (!skip_misc() || !read_start(out)) return false;
        while (!open_.empty()) {
            if (!read_content(out)) return false;
        }
        return skip_misc() && rest_.empty();
    }

private:
    struct element {
        std::size_t index; ///< Index in the list of texts.
        std::string_view name;
        std::size_t path_length; ///< Length of the path without this element.
    };

    bool skip_past(std::string_view mark) noexcept {
        auto const found = rest_.find(mark);
        if (found == std::string_view::npos) return false;
        rest_.remove_prefix(found + mark.size());
        return true;
    }
    void skip_blanks() noexcept {
        auto const first = rest_.find_first_not_of(xml_blanks);
        rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
    }
    /// Skips white space and comments outside the outermost element.
    bool skip_misc() noexcept {
        for (;;) {
            skip_blanks();
            if (!rest_.starts_with("<!--")) return true;
            if (!skip_past("-->")) return false;
        }
    }
    std::string_view read_name() noexcept {
        std::size_t n = 0;
        while (n < rest_.size() && is_name_character(rest_[n])) ++n;
        auto const name = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return name;
    }

    bool read_attributes() noexcept {
        for (;;) {
            auto const before = rest_.size();
            skip_blanks();
            if (rest_.empty()) return false;
            if (rest_.front() == '>' || rest_.front() == '/') return true;
            if (rest_.size() == before || read_name().empty()) return false;
            skip_blanks();
            if (!rest_.starts_with('=')) return false;
            rest_.remove_prefix(1);
            skip_blanks();
            if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return false;
            char const quote = rest_.front();
            rest_.remove_prefix(1);
            auto const end = rest_.find(quote);
            if (end == std::string_view::npos || rest_.substr(0, end).find('<') != std::string_view::npos) return false;
            rest_.remove_prefix(end + 1);
        }
    }

    bool read_start(xml_texts& out) {
        if (!rest_.starts_with('<')) return false;
        rest_.remove_prefix(1);
        auto const name = read_name();
        if (name.empty() || !read_attributes()) return false;
        if (open_.size() == max_element_depth || out.texts_.size() == max_elements) return false;
        element opened{out.texts_.size(), name, path_.size()};
        if (open_.empty()) {
            out.root_ = name;
        } else {
            path_ += '/';
        }
        path_ += name;
        out.texts_.emplace_back(path_, std::string());
        bool const closed = rest_.starts_with("/>");
        if (!closed && !rest_.starts_with('>')) return false;
        rest_.remove_prefix(closed ? 2 : 1);
        if (closed) {
            path_.resize(opened.path_length);
        } else {
            open_.push_back(opened);
        }
        return true;
    }

    bool read_end() {
        rest_.remove_prefix(2);
        if (read_name() != open_.back().name) return false;
        skip_blanks();
        if (!rest_.starts_with('>')) return false;
        rest_.remove_prefix(1);
        path_.resize(open_.back().path_length);
        open_.pop_back();
        return true;
    }

    bool read_content(xml_texts& out) {
        if (rest_.empty()) return false;
        std::string& text = out.texts_[open_.back().index].second;
        if (rest_.starts_with("</")) return read_end();
        if (rest_.starts_with("<!--")) return skip_past("-->");
        constexpr std::string_view cdata = "<![CDATA[";
        if (rest_.starts_with(cdata)) {
            auto const end = rest_.find("]]>");
            if (end == std::string_view::npos) return false;
            make_room(text, end);
            text += rest_.substr(cdata.size(), end - cdata.size());
            rest_.remove_prefix(end + 3);
            return true;
        }
        if (rest_.front() == '<') return read_start(out);
        return read_text(text);
    }

    bool read_text(std::string& text) {
        auto const length = std::min(rest_.find('<'), rest_.size());
        make_room(text, length);
        auto part = rest_.substr(0, length);
        rest_.remove_prefix(length);
        while (!part.empty()) {
            char const c = part.front();
            if (c != '&') {
                text += c;
                part.remove_prefix(1);
            } else if (!read_reference(part, text)) {
                return false;
            }
        }
        return true;
    }

    static bool read_reference(std::string_view& part, std::string& text) {
        auto const end = part.find(';');
        if (end == std::string_view::npos) return false;
        auto name = part.substr(1, end - 1);
        part.remove_prefix(end + 1);
        constexpr std::pair<std::string_view, char> entities[] = {
            {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
        for (auto const& [entity, c] : entities) {
            if (name != entity) continue;
            text += c;
            return true;
        }
        if (!name.starts_with('#')) return false;
        name.remove_prefix(1);
        int base = 10;
        if (name.starts_with('x')) {
            base = 16;
            name.remove_prefix(1);
        }
        // Credentials and error codes are ASCII; other characters of a message are shown as '?'.
        std::uint32_t code = 0;
        auto const [last, failed] = std::from_chars(name.data(), name.data() + name.size(), code, base);
        if (name.empty() || failed != std::errc() || last != name.data() + name.size() || code == 0) return false;
        text += code < 0x80 ? static_cast<char>(code) : '?';
        return true;
    }

    std::string_view rest_;
    std::string path_{};
    std::vector<element> open_{};
};

xml_texts::~xml_texts() {
    for (auto& [path, text] : texts_) wipe(text);
}

std::optional<xml_texts> xml_texts::parse(std::string_view text) {
    std::optional<xml_texts> result(std::in_place);
    if (!xml_parser(text).read_document(*result)) result.reset();
    return result;
}

std::string xml_texts::text(std::string_view path) const {
    for (auto const& [p, content] : texts_) {
        if (p != path) continue;
        auto const first = content.find_first_not_of(xml_blanks);
        if (first == std::string::npos) return {};
        return content.substr(first, content.find_last_not_of(xml_blanks) - first + 1);
    }
    return {};
}

} // namespace dynasio::aws::detail
