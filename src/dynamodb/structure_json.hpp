#ifndef DYNASIO_SRC_DYNAMODB_STRUCTURE_JSON_HPP
#define DYNASIO_SRC_DYNAMODB_STRUCTURE_JSON_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/enumeration.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/clock.hpp>

#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Writing and reading of structures, both derived from one description of each structure (members_of).
namespace dynasio::dynamodb::detail {

/// Specialised for every structure of the model: each(s, visit) calls visit("Name", s.name) for each member.
template <class Struct> struct members_of;

template <class T>
concept structure = requires { sizeof(members_of<T>); };

inline void write(std::string& out, std::string const& value) { append_json_string(out, value); }
inline void write(std::string& out, bool value) { out += value ? "true" : "false"; }
template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
void write(std::string& out, Integer value) {
    char text[24];
    auto const end = std::to_chars(text, text + sizeof(text), value).ptr;
    out.append(text, end);
}
/// Writes the shortest text that reads back as the same value. NaN and infinities, which JSON cannot express as
/// numbers, are written as strings.
inline void write(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += std::isnan(value) ? R"("NaN")" : value > 0 ? R"("Infinity")" : R"("-Infinity")";
        return;
    }
    char text[32];
    auto const end = std::to_chars(text, text + sizeof(text), value).ptr;
    out.append(text, end);
}
/// Writes seconds since 1970, with a fraction if it is not zero.
inline void write(std::string& out, system_time value) {
    auto milliseconds = value.time_since_epoch().count();
    if (milliseconds < 0) {
        out += '-';
        milliseconds = -milliseconds;
    }
    write(out, milliseconds / 1000);
    auto const fraction = static_cast<int>(milliseconds % 1000);
    if (fraction == 0) return;
    char const digits[] = {'.', static_cast<char>('0' + fraction / 100), static_cast<char>('0' + fraction / 10 % 10),
                           static_cast<char>('0' + fraction % 10)};
    std::string_view const text(digits, sizeof(digits));
    out += text.substr(0, text.find_last_not_of('0') + 1);
}
inline void write(std::string& out, attribute_value const& value) { append_json(out, value); }
inline void write(std::string& out, item const& value) { append_json(out, value); }
template <class Enum> void write(std::string& out, enumeration<Enum> const& value) {
    append_json_string(out, value.text());
}
template <structure Struct> void write(std::string& out, Struct const& value);
template <class T> void write(std::string& out, std::vector<T> const& values) {
    out += '[';
    bool first = true;
    for (T const& value : values) {
        if (!first) out += ',';
        first = false;
        write(out, value);
    }
    out += ']';
}
template <class T>
    requires(!std::same_as<T, attribute_value>)
void write(std::string& out, std::map<std::string, T> const& values) {
    out += '{';
    bool first = true;
    for (auto const& [name, value] : values) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, name);
        out += ':';
        write(out, value);
    }
    out += '}';
}

/// Writes the members that are set.
class member_writer {
public:
    explicit member_writer(std::string& out) noexcept : out_(&out) {}
    template <class T> void operator()(std::string_view name, std::optional<T> const& value) {
        if (value) (*this)(name, *value);
    }
    template <class T> void operator()(std::string_view name, T const& value) {
        *out_ += first_ ? "\"" : ",\"";
        first_ = false;
        *out_ += name;
        *out_ += "\":";
        write(*out_, value);
    }

private:
    std::string* out_;
    bool first_ = true;
};

template <structure Struct> void write(std::string& out, Struct const& value) {
    out += '{';
    members_of<Struct>::each(value, member_writer(out));
    out += '}';
}

inline void read(json_reader& in, std::string& value) { value = in.read_string(); }
inline void read(json_reader& in, bool& value) { value = in.read_bool(); }
template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
void read(json_reader& in, Integer& value) {
    std::string_view const text = in.read_number();
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) in.fail("not an integer of the expected size");
}
inline void read(json_reader& in, double& value) {
    if (in.peek() == json_reader::kind::string) {
        std::string_view const name = in.read_string();
        constexpr double infinity = std::numeric_limits<double>::infinity();
        if (name == "NaN") {
            value = std::numeric_limits<double>::quiet_NaN();
        } else if (name == "Infinity" || name == "-Infinity") {
            value = name.front() == '-' ? -infinity : infinity;
        } else {
            in.fail("not a number");
        }
        return;
    }
    std::string_view const text = in.read_number();
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) in.fail("not a number in the range of double");
}
/// Reads seconds since 1970 with an optional fraction.
inline void read(json_reader& in, system_time& value) {
    double seconds = 0;
    read(in, seconds);
    // Times beyond the year 9999 are refused, because converting much larger values would overflow.
    if (!(std::abs(seconds) < 253402300800.0)) in.fail("not a time");
    value = system_time(std::chrono::milliseconds(std::llround(seconds * 1000.0)));
}
inline void read(json_reader& in, attribute_value& value) { value = read_attribute_value(in); }
inline void read(json_reader& in, item& value) { value = read_item(in); }
template <class Enum> void read(json_reader& in, enumeration<Enum>& value) {
    value = enumeration<Enum>::from_text(in.read_string());
}
template <structure Struct> void read(json_reader& in, Struct& value);
template <class T> void read(json_reader& in, std::vector<T>& values) {
    in.enter_array();
    while (in.next_element()) {
        if (in.read_if_null()) continue;
        read(in, values.emplace_back());
    }
}
template <class T>
    requires(!std::same_as<T, attribute_value>)
void read(json_reader& in, std::map<std::string, T>& values) {
    in.enter_object();
    std::string_view name;
    while (in.next_member(name)) {
        std::string key(name);
        if (in.read_if_null()) continue;
        auto const [at, added] = values.try_emplace(std::move(key));
        if (!added) in.fail_repeated(at->first);
        read(in, at->second);
    }
}

/// Reads the members of one object by name. A repeated member is an error.
class member_reader {
public:
    explicit member_reader(json_reader& in) noexcept : in_(&in) {}
    /// Sets the name to find. It must be followed by a visit of all members, in the same order each time.
    void look_for(std::string_view name) noexcept {
        name_ = name;
        found_ = false;
        next_ = 1;
    }
    template <class T> void operator()(std::string_view name, std::optional<T>& value) {
        if (!matches(name)) return;
        if (in_->read_if_null()) {
            value.reset();
            return;
        }
        value.emplace();
        read(*in_, *value);
    }
    template <class T> void operator()(std::string_view name, T& value) {
        if (!matches(name) || in_->read_if_null()) return;
        value = T();
        read(*in_, value);
    }
    [[nodiscard]] bool found() const noexcept { return found_; }

private:
    bool matches(std::string_view name) {
        auto const self = std::exchange(next_, next_ << 1);
        if (found_ || name != name_) return false;
        found_ = true;
        if ((seen_ & self) != 0) in_->fail_repeated(name);
        seen_ |= self;
        return true;
    }
    json_reader* in_;
    std::string_view name_{};
    bool found_ = false;
    // One bit for each member. No structure has more than 64 members.
    std::uint64_t next_ = 1;
    std::uint64_t seen_ = 0;
};

template <structure Struct> void read(json_reader& in, Struct& value) {
    in.enter_object();
    std::string_view name;
    member_reader reader(in);
    while (in.next_member(name)) {
        reader.look_for(name);
        members_of<Struct>::each(value, reader);
        if (!reader.found()) in.skip_value();
    }
}

} // namespace dynasio::dynamodb::detail

#endif
