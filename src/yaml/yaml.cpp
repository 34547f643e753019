#include <dynasio/yaml/yaml.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "../core/ascii.hpp"

namespace dynasio::detail {

using dynamodb::json_reader;

namespace {

// ---- writing

/// Whether a text may stand without quotes: it begins as a name does, has nothing that YAML gives a meaning to, and is
/// none of the words that YAML 1.1 or 1.2 reads as a boolean or as nothing.
bool is_plain(std::string_view text) {
    if (text.empty() || text.size() > 64 || !(is_letter(text.front()) || text.front() == '_')) return false;
    if (!std::ranges::all_of(text,
                             [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }))
        return false;
    constexpr std::array<std::string_view, 9> words{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    return std::ranges::none_of(words, [&](std::string_view word) { return is_equal_but_case(text, word); });
}

void emit_text(YAML::Emitter& out, std::string_view text) {
    if (!is_plain(text)) out << YAML::DoubleQuoted;
    out << std::string(text);
}

void emit(YAML::Emitter& out, json_reader& in) {
    using kind = json_reader::kind;
    switch (in.peek()) {
    case kind::object: {
        std::string_view name;
        in.enter_object();
        out << YAML::BeginMap;
        while (in.next_member(name)) {
            out << YAML::Key;
            emit_text(out, name);
            out << YAML::Value;
            emit(out, in);
        }
        out << YAML::EndMap;
        break;
    }
    case kind::array:
        in.enter_array();
        out << YAML::BeginSeq;
        while (in.next_element()) emit(out, in);
        out << YAML::EndSeq;
        break;
    case kind::string:
        emit_text(out, in.read_string());
        break;
    case kind::null:
        in.read_null();
        out << YAML::Null; // as a text "null" would be quoted
        break;
    default: // numbers and booleans are in YAML what they are in JSON
        out << std::string(in.skip_value());
    }
}

// ---- reading

[[noreturn]] void refuse(YAML::Mark const& mark, std::string const& sentence) {
    diagnostics d;
    d.message =
        sentence + " (line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1) + ")";
    throw_error(errc::invalid_argument, std::move(d));
}

/// JSON's number for a plain scalar that the core schema takes for one; empty for others. Infinities and NaN are left
/// as texts, since no attribute can hold them.
std::string number_of(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0o")) {
        std::uint64_t value = 0;
        auto const* const end = text.data() + text.size();
        auto const [stop, fault] = std::from_chars(text.data() + 2, end, value, text[1] == 'x' ? 16 : 8);
        return fault == std::errc() && stop == end ? std::to_string(value) : std::string();
    }
    std::string out;
    if (text.starts_with('+') || text.starts_with('-')) {
        if (text.front() == '-') out = "-";
        text.remove_prefix(1);
    }
    auto const digits = [&] {
        auto const end = std::ranges::find_if_not(text, is_digit);
        std::string_view const found(text.begin(), end);
        text.remove_prefix(found.size());
        return found;
    };
    auto whole = digits();
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = digits();
    }
    if (whole.empty() && fraction.empty()) return {};
    // JSON has no zeros in front.
    while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
    out += whole.empty() ? "0" : whole;
    if (!fraction.empty()) out.append(".").append(fraction);
    if (text.starts_with('e') || text.starts_with('E')) {
        out += 'e';
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) {
            out += text.front();
            text.remove_prefix(1);
        }
        auto const exponent = digits();
        if (exponent.empty()) return {};
        out += exponent;
    }
    return text.empty() ? out : std::string();
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, text) != words.end();
}

/// Writes JSON while yaml-cpp reads.
class json_writer : public YAML::EventHandler {
public:
    std::string out{};

    void OnDocumentStart(YAML::Mark const&) override {}
    void OnDocumentEnd() override {}

    void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        if (expects_name()) refuse(mark, "a name is missing");
        begin_value(mark, anchor);
        out += "null";
    }
    void OnAlias(YAML::Mark const& mark, YAML::anchor_t) override { refuse_alias(mark); }

    void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  std::string const& text) override {
        if (expects_name()) {
            if (anchor != YAML::NullAnchor) refuse_alias(mark);
            auto& inside = levels_.back();
            if (!inside.names.insert(text).second) refuse(mark, "the name '" + text + "' is there twice");
            if (inside.names.size() > 1) out += ',';
            dynamodb::append_json_string(out, text);
            out += ':';
            inside.has_name = true;
            return;
        }
        begin_value(mark, anchor);
        constexpr std::string_view core = "tag:yaml.org,2002:";
        std::string_view kind = tag;
        if (kind.starts_with(core)) kind.remove_prefix(core.size());
        if (kind == "binary") {
            std::string base64 = text;
            std::erase_if(base64, [](char c) { return is_blank(c) || c == '\n' || c == '\r'; });
            dynamodb::append_json_string(out, base64);
        } else if (kind == "!" || kind == "str") {
            dynamodb::append_json_string(out, text);
        } else if (is_one_of(kind, {"", "?", "null", "bool", "int", "float"})) {
            append_plain(text);
        } else {
            refuse(mark, "the tag '" + tag + "' is not known");
        }
    }

    void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        begin(mark, tag, "tag:yaml.org,2002:seq", anchor, '[');
    }
    void OnSequenceEnd() override { end(']'); }
    void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        begin(mark, tag, "tag:yaml.org,2002:map", anchor, '{');
    }
    void OnMapEnd() override { end('}'); }

private:
    struct level {
        bool is_map = false;
        bool has_name = false; ///< Of a map: its next value belongs to the name that was just written.
        std::size_t values = 0;
        std::set<std::string> names{};
    };
    std::vector<level> levels_{};

    [[nodiscard]] bool expects_name() const {
        return !levels_.empty() && levels_.back().is_map && !levels_.back().has_name;
    }

    [[noreturn]] static void refuse_alias(YAML::Mark const& mark) {
        refuse(mark, "anchors and aliases are not taken; write the value out");
    }

    void begin_value(YAML::Mark const& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) refuse_alias(mark);
        if (levels_.empty()) return;
        auto& outer = levels_.back();
        if (!outer.is_map && outer.values > 0) out += ',';
        ++outer.values;
        outer.has_name = false;
    }
    void begin(YAML::Mark const& mark, std::string const& tag, std::string_view usual, YAML::anchor_t anchor,
               char bracket) {
        if (expects_name()) refuse(mark, "a name must be a text");
        if (!is_one_of(tag, {"", "?", "!", usual})) refuse(mark, "the tag '" + tag + "' is not known");
        if (levels_.size() >= json_reader::default_max_depth) refuse(mark, "there are more than 128 levels");
        begin_value(mark, anchor);
        out += bracket;
        levels_.emplace_back().is_map = bracket == '{';
    }
    void end(char bracket) {
        levels_.pop_back();
        out += bracket;
    }

    void append_plain(std::string const& text) {
        if (is_one_of(text, {"", "~", "null", "Null", "NULL"}))
            out += "null";
        else if (is_one_of(text, {"true", "True", "TRUE"}))
            out += "true";
        else if (is_one_of(text, {"false", "False", "FALSE"}))
            out += "false";
        else if (auto const number = number_of(text); !number.empty())
            out += number;
        else
            dynamodb::append_json_string(out, text);
    }
};

} // namespace

std::string yaml_of_json(std::string_view json) {
    YAML::Emitter out;
    json_reader in(json);
    emit(out, in);
    return std::string(out.c_str(), out.size()) + '\n';
}

std::string json_of_yaml(std::string_view yaml) {
    std::istringstream text{std::string(yaml)};
    json_writer to;
    try {
        YAML::Parser parser(text);
        if (!parser.HandleNextDocument(to) || !to.out.starts_with('{'))
            throw_error(errc::invalid_argument, "the text is no YAML mapping");
        json_writer second;
        if (parser.HandleNextDocument(second))
            throw_error(errc::invalid_argument, "the text has more than one YAML document; pass one at a time");
    } catch (YAML::Exception const& e) {
        refuse(e.mark, "the text is no YAML: " + e.msg);
    }
    return std::move(to.out);
}

} // namespace dynasio::detail
