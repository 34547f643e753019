#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "../core/ascii.hpp"
#include "settings.hpp"
#include "wipe.hpp"

namespace dynasio::aws {
namespace {

using detail::variable;
using dynasio::detail::to_lower;

constexpr std::string_view ini_blanks = " \t\r\f\v";

bool is_ini_blank(char c) noexcept { return ini_blanks.find(c) != std::string_view::npos; }
bool is_comment_mark(char c) noexcept { return c == '#' || c == ';'; }

std::string_view trim(std::string_view text) noexcept {
    std::size_t const first = text.find_first_not_of(ini_blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(ini_blanks) - first + 1);
}

bool is_name(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-_/.%@:+").find(c) != std::string_view::npos;
    });
}

/// The line without its comment. After a value a comment mark counts only when white space precedes it.
std::string_view without_value_comment(std::string_view line) noexcept {
    for (std::size_t i = 1; i < line.size(); ++i)
        if (is_comment_mark(line[i]) && is_ini_blank(line[i - 1])) return line.substr(0, i);
    return line;
}

struct raw_section {
    raw_section() = default;
    raw_section(raw_section&&) noexcept = default;
    raw_section& operator=(raw_section&&) noexcept = default;
    // Values that were merged have been moved out. The remaining properties have unknown names, but their values may be
    // secrets.
    ~raw_section() {
        for (auto& property : properties) wipe(property.second);
    }

    std::string_view name{};
    std::vector<std::pair<std::string, std::string>> properties{};
};

/// Parses the lines of one file into sections, in order and with any names.
class line_parser {
public:
    explicit line_parser(shared_file const& file) noexcept : file_(file) {}

    std::vector<raw_section> parse() {
        std::string_view rest = file_.text;
        if (rest.substr(0, 3) == "\xef\xbb\xbf") rest.remove_prefix(3);
        while (!rest.empty()) {
            std::size_t const end = rest.find('\n');
            std::string_view const line = rest.substr(0, end);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
            ++line_number_;
            read_line(line);
        }
        return std::move(sections_);
    }

private:
    [[noreturn]] void fail(char const* what) const {
        std::string message = "line " + std::to_string(line_number_) + " of ";
        message += file_.name;
        message += ": ";
        message += what;
        throw_error(errc::invalid_configuration, std::move(message));
    }

    void read_line(std::string_view line) {
        if (trim(line).empty() || is_comment_mark(line.front())) return;
        if (line.front() == '[') {
            read_section(line);
        } else if (sections_.empty()) {
            fail("Expected a profile definition");
        } else if (is_ini_blank(line.front())) {
            read_continuation(trim(line));
        } else {
            read_property(line);
        }
    }

    void read_section(std::string_view line) {
        line = trim(line.substr(0, line.find_first_of("#;")));
        if (line.back() != ']') fail("Profile definition must end with ']'");
        raw_section section;
        section.name = trim(line.substr(1, line.size() - 2));
        sections_.push_back(std::move(section));
    }

    void read_property(std::string_view line) {
        line = without_value_comment(line);
        std::size_t const equals = line.find('=');
        if (equals == std::string_view::npos) fail("Expected an '=' sign defining a property");
        std::string_view const name = trim(line.substr(0, equals));
        if (name.empty()) fail("Property did not have a name");
        std::string_view const value = trim(line.substr(equals + 1));
        sections_.back().properties.emplace_back(to_lower(name), value);
        in_sub_properties_ = value.empty();
    }

    void read_continuation(std::string_view line) {
        if (sections_.back().properties.empty()) fail("Expected a property definition, found continuation");
        if (in_sub_properties_) {
            if (is_comment_mark(line.front())) return;
            std::size_t const equals = line.find('=');
            if (equals == std::string_view::npos) fail("Expected an '=' sign defining a sub-property");
            if (trim(line.substr(0, equals)).empty()) fail("Sub-property did not have a name");
        }
        std::string& value = sections_.back().properties.back().second;
        make_room(value, line.size() + 1);
        value += '\n';
        value += line;
    }

    shared_file file_;
    std::size_t line_number_ = 0;
    bool in_sub_properties_ = false;
    std::vector<raw_section> sections_{};
};

void merge(shared_properties& into, raw_section& from) {
    for (auto& [name, value] : from.properties) {
        if (!is_name(name)) continue;
        std::string& place = into[name];
        wipe(place);
        place = take_secret(value);
    }
}

/// Splits "profile x" into its two words; nothing when there is only one.
std::optional<std::pair<std::string_view, std::string_view>> split_prefix(std::string_view name) noexcept {
    std::size_t const gap = name.find_first_of(" \t");
    if (gap == std::string_view::npos) return std::nullopt;
    return std::pair(name.substr(0, gap), trim(name.substr(gap)));
}

void add_config_sections(shared_config& result, std::vector<raw_section>& sections) {
    bool const has_prefixed_default = std::any_of(sections.begin(), sections.end(), [](raw_section const& s) {
        auto const words = split_prefix(s.name);
        return words && words->first == "profile" && words->second == "default";
    });
    for (raw_section& section : sections) {
        auto const words = split_prefix(section.name);
        if (!words) {
            if (section.name == "default" && !has_prefixed_default) merge(result.profiles["default"], section);
            continue;
        }
        auto const [prefix, name] = *words;
        if (!is_name(name)) continue;
        if (prefix == "profile") {
            merge(result.profiles[std::string(name)], section);
        } else if (prefix == "sso-session") {
            merge(result.sso_sessions[std::string(name)], section);
        } else if (prefix == "services") {
            merge(result.services[std::string(name)], section);
        }
    }
}

void add_credentials_sections(shared_config& result, std::vector<raw_section>& sections) {
    for (raw_section& section : sections)
        if (is_name(section.name)) merge(result.profiles[std::string(section.name)], section);
}

std::string file_path(environment const& env, char const* name, char const* default_name) {
    std::string path = variable(env, name).value_or(std::string("~/.aws/") + default_name);
    if (!path.starts_with("~/")) return path;
    auto const home = variable(env, "HOME");
    if (!home) return {};
    bool const has_slash = home->back() == '/';
    return *home + path.substr(has_slash ? 2 : 1);
}

std::string read(environment const& env, std::string const& path) {
    if (path.empty()) return {};
    return env.read_file(path).value_or(std::string());
}

} // namespace

shared_file_paths locate_shared_files(environment const& env) {
    shared_file_paths paths;
    paths.config = file_path(env, "AWS_CONFIG_FILE", "config");
    paths.credentials = file_path(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    return paths;
}

std::string select_profile(environment const& env, std::string profile) {
    if (!profile.empty()) return profile;
    return variable(env, "AWS_PROFILE").value_or("default");
}

shared_config parse_shared_config(shared_file const& config, shared_file const& credentials) {
    auto config_sections = line_parser(config).parse();
    auto credentials_sections = line_parser(credentials).parse();
    shared_config result;
    add_config_sections(result, config_sections);
    add_credentials_sections(result, credentials_sections);
    return result;
}

shared_config load_shared_config(environment const& env) {
    shared_file_paths const paths = locate_shared_files(env);
    std::string config_text = read(env, paths.config);
    wipe_at_exit const wipe_config(config_text);
    std::string credentials_text = read(env, paths.credentials);
    wipe_at_exit const wipe_credentials(credentials_text);
    shared_file config;
    config.text = config_text;
    config.name = paths.config;
    shared_file credentials;
    credentials.text = credentials_text;
    credentials.name = paths.credentials;
    return parse_shared_config(config, credentials);
}

} // namespace dynasio::aws
