#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/uuid.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "integration/database_test.hpp"
#include "support/property.hpp"

// What holds for every value and for every sequence of operations, tried with values and sequences drawn at random.
namespace drawn {

using namespace dynasio::dsl;
using boost::uuids::uuid;
using dynasio::dynamodb::attribute_value;

enum class Level { low, high };
constexpr auto dynasio_names(dynasio::tag<Level>) {
    return enum_names<Level>({{Level::low, "low"}, {Level::high, "hoch \xe2\x86\x91"}});
}

struct Spot {
    double x{};
    std::optional<std::string> label{};
    std::set<int> marks{};

    friend bool operator==(Spot const&, Spot const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Spot>) { return value<Spot>(attribute<&Spot::x>{"x.y"}); }
struct Line {
    Spot from{}, to{};
    std::vector<Spot> between{};

    friend bool operator==(Line const&, Line const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Line>) { return value<Line>(); }

using Shape = std::variant<std::monostate, Spot, Line, bool, std::string, std::int64_t>;
constexpr auto dynasio_names(dynasio::tag<Shape>) {
    return variant_names<Shape>("kind", alternative<Spot>{"spot"}, alternative<Line>{"line"});
}

/// Every type that needs no codec of the program's own.
struct Everything {
    std::string id{};
    std::string text{};
    bool yes{};
    std::int8_t i8{};
    std::uint8_t u8{};
    std::int16_t i16{};
    std::uint16_t u16{};
    std::int32_t i32{};
    std::uint32_t u32{};
    std::int64_t i64{};
    std::uint64_t u64{};
    double f64{};
    float f32{};
    dynasio::timestamp time{};
    dynasio::epoch_seconds seconds{};
    dynasio::epoch_milliseconds milliseconds{};
    std::chrono::minutes minutes{};
    std::chrono::sys_days day{};
    std::optional<std::chrono::year_month_day> date{};
    dynasio::dynamodb::number number{};
    dynasio::dynamodb::binary binary{};
    std::vector<std::byte> bytes{};
    std::array<unsigned char, 4> four{};
    Level level{};
    dynasio::ulid ulid{};
    uuid other_id{};
    std::optional<std::string> maybe_text{};
    std::optional<std::int64_t> maybe_number{};
    std::vector<std::string> texts{};
    std::vector<std::optional<double>> numbers{};
    std::vector<std::vector<int>> nested{};
    std::map<std::string, std::string> by_name{};
    std::unordered_map<std::string, std::vector<Spot>> spots{};
    std::map<std::string, std::map<std::string, bool>> deep{};
    std::set<std::string> text_set{};
    std::unordered_set<std::int64_t> number_set{};
    std::set<std::vector<std::byte>> byte_set{};
    std::set<uuid> id_set{};
    Spot spot{};
    std::optional<Line> line{};
    Shape shape{};
    std::vector<Shape> shapes{};
    attribute_value anything{};
};
constexpr auto dynasio_schema(dynasio::tag<Everything>) { return entity<Everything>(partition_key<&Everything::id>); }

struct Doc {
    std::string id{};
    std::string title{};
    std::optional<std::string> note{};
    std::uint64_t version{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Doc>) {
    return entity<Doc>(partition_key<&Doc::id>, version<&Doc::version>, timestamps<&Doc::created_at, &Doc::updated_at>,
                       soft_delete<&Doc::deleted_at>);
}

} // namespace drawn

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using drawn::Doc;
using drawn::Everything;
using drawn::Level;
using drawn::Line;
using drawn::Shape;
using drawn::Spot;
using dynamodb::attribute_type;
using dynamodb::attribute_value;
using test::property_run;

// ---- values drawn at random, with a liking for the ends of each type

struct draw {
    property_run& random;

    void operator()(std::string& to, bool may_be_empty = true) const {
        static std::vector<std::string> const pieces{"",
                                                     "a",
                                                     "\"",
                                                     "\\",
                                                     "/",
                                                     "\n",
                                                     "\x01",
                                                     "\x7f",
                                                     "é",
                                                     "ß",
                                                     "日本",
                                                     "😀",
                                                     "\xef\xbf\xbf",
                                                     "\xf4\x8f\xbf\xbf",
                                                     "null",
                                                     "{\"S\":\"x\"}",
                                                     "0",
                                                     " ",
                                                     "#",
                                                     ".",
                                                     std::string("\0", 1)};
        to.clear();
        for (std::size_t n = random.below(6); n-- > 0;) to += random.of(pieces);
        if (random.one_in(20)) to.append(random.below(300), 'x');
        if (to.empty() && !may_be_empty) to = "k";
    }
    void operator()(bool& to) const { to = random.one_in(2); }
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    void operator()(T& to) const {
        using limits = std::numeric_limits<T>;
        T const ends[] = {T(0), T(1), limits::min(), limits::max(), static_cast<T>(limits::max() - 1)};
        to = random.one_in(2) ? ends[random.below(5)] : static_cast<T>(random.bits());
    }
    void operator()(double& to) const {
        static double const ends[] = {0,        -0.0,
                                      0.1,      -1.5,
                                      1e-130,   -1e-130,
                                      9.99e125, 9007199254740993.0,
                                      1e21,     1e-7,
                                      1.0 / 3,  5e-1,
                                      1e16,     123456789012345678.0};
        if (random.one_in(2)) {
            to = ends[random.below(std::size(ends))];
            return;
        }
        do {
            auto const bits = random.bits();
            std::memcpy(&to, &bits, sizeof to);
        } while (!std::isfinite(to) || std::abs(to) > 9.99e125 || (to != 0 && std::abs(to) < 1e-130));
    }
    void operator()(float& to) const {
        static float const ends[] = {0.0F,
                                     0.1F,
                                     std::numeric_limits<float>::max(),
                                     std::numeric_limits<float>::min(),
                                     std::numeric_limits<float>::denorm_min(),
                                     16777217.0F};
        if (random.one_in(2)) {
            to = ends[random.below(std::size(ends))];
            return;
        }
        do {
            auto const bits = static_cast<std::uint32_t>(random.bits());
            std::memcpy(&to, &bits, sizeof to);
        } while (!std::isfinite(to));
    }
    /// Milliseconds of the years 0 to 9999.
    [[nodiscard]] std::int64_t milliseconds() const {
        std::int64_t const ends[] = {0, -1, 1, 999, -62'167'219'200'000, 253'402'300'799'999, 951'782'400'000};
        return random.one_in(2) ? ends[random.below(std::size(ends))]
                                : static_cast<std::int64_t>(random.bits() % 315'569'520'000'000) - 62'167'219'200'000;
    }
    void operator()(timestamp& to) const {
        to = random.one_in(5) ? timestamp() : timestamp(system_time(std::chrono::milliseconds(milliseconds())));
    }
    template <class Unit> void operator()(epoch_time<Unit>& to) const {
        to = random.one_in(5) ? epoch_time<Unit>()
                              : epoch_time<Unit>::from_count(milliseconds() / (Unit::period::den == 1 ? 1000 : 1));
    }
    void operator()(std::chrono::minutes& to) const { to = std::chrono::minutes(static_cast<int>(random.bits())); }
    void operator()(std::chrono::sys_days& to) const {
        to = std::chrono::floor<std::chrono::days>(system_time(std::chrono::milliseconds(milliseconds())));
    }
    void operator()(std::chrono::year_month_day& to) const {
        std::chrono::sys_days day;
        (*this)(day);
        to = day;
    }
    void operator()(dynamodb::number& to) const {
        std::string text = random.one_in(2) ? "-" : "";
        for (std::size_t n = 1 + random.below(38); n-- > 0;) text += static_cast<char>('0' + random.below(10));
        text += 'e' + std::to_string(static_cast<int>(random.below(160)) - 80);
        to = dynamodb::number::parse(text);
    }
    void operator()(std::byte& to) const { to = static_cast<std::byte>(random.bits()); }
    void operator()(dynamodb::binary& to) const {
        to.bytes.clear();
        bool const all = random.one_in(8);
        for (std::size_t n = all ? 256 : random.below(9); n-- > 0;)
            to.bytes += static_cast<char>(all ? n : random.bits());
    }
    template <class T, std::size_t N> void operator()(std::array<T, N>& to) const {
        for (auto& one : to) (*this)(one);
    }
    void operator()(Level& to) const { to = random.one_in(2) ? Level::low : Level::high; }
    void operator()(ulid& to) const {
        std::array<unsigned char, 16> bytes{};
        if (!random.one_in(6)) (*this)(bytes);
        to = ulid::from_bytes(bytes);
    }
    void operator()(drawn::uuid& to) const {
        for (auto& byte : to) byte = static_cast<unsigned char>(random.bits());
        if (random.one_in(6)) to = {};
    }
    template <class T> void operator()(std::optional<T>& to) const {
        to.reset();
        if (!random.one_in(3)) (*this)(to.emplace());
    }
    template <class T> void operator()(std::vector<T>& to) const {
        to.clear();
        for (std::size_t n = random.below(4); n-- > 0;) (*this)(to.emplace_back());
    }
    template <class T> void fill_map(T& to) const {
        to.clear();
        for (std::size_t n = random.below(4); n-- > 0;) {
            std::string name;
            (*this)(name, false);
            (*this)(to[name]);
        }
    }
    template <class T> void operator()(std::map<std::string, T>& to) const { fill_map(to); }
    template <class T> void operator()(std::unordered_map<std::string, T>& to) const { fill_map(to); }
    template <class Set> void fill_set(Set& to) const {
        to.clear();
        for (std::size_t n = random.below(4); n-- > 0;) {
            typename Set::value_type one{};
            (*this)(one);
            if (!detail::is_absent(one)) to.insert(one);
        }
    }
    template <class T> void operator()(std::set<T>& to) const { fill_set(to); }
    template <class T> void operator()(std::unordered_set<T>& to) const { fill_set(to); }
    void operator()(Spot& to) const {
        (*this)(to.x);
        (*this)(to.label);
        (*this)(to.marks);
    }
    void operator()(Line& to) const {
        (*this)(to.from);
        (*this)(to.to);
        (*this)(to.between);
    }
    void operator()(Shape& to) const {
        switch (random.below(6)) {
        case 0:
            to = std::monostate();
            break;
        case 1:
            (*this)(to.emplace<Spot>());
            break;
        case 2:
            (*this)(to.emplace<Line>());
            break;
        case 3:
            to = random.one_in(2);
            break;
        case 4:
            (*this)(to.emplace<std::string>());
            break;
        default:
            (*this)(to.emplace<std::int64_t>());
        }
    }
    void operator()(attribute_value& to) const { to = value(3); }
    template <class T> [[nodiscard]] T one() const {
        T made{};
        (*this)(made);
        return made;
    }
    [[nodiscard]] attribute_value value(int depth) const {
        switch (random.below(depth > 0 ? 10 : 6)) {
        case 0:
            return one<std::string>();
        case 1:
            return one<dynamodb::number>();
        case 2:
            return one<dynamodb::binary>();
        case 3:
            return random.one_in(2);
        case 4:
            return attribute_value();
        case 5: {
            dynamodb::string_set set;
            for (auto const& text : one<std::set<std::string>>()) set.members.push_back(text);
            if (set.members.empty()) set.members.emplace_back("x");
            return set;
        }
        case 6:
        case 7: {
            dynamodb::list list;
            for (std::size_t n = random.below(4); n-- > 0;) list.push_back(value(depth - 1));
            return list;
        }
        default: {
            dynamodb::item map;
            for (std::size_t n = random.below(4); n-- > 0;) {
                std::string name;
                (*this)(name, false);
                map.insert_or_assign(name, value(depth - 1));
            }
            return map;
        }
        }
    }
    void operator()(Everything& to) const {
        detail::visit_members(to, [this](auto& id, auto&... members) {
            static_cast<void>(id);
            ((*this)(members), ...);
        });
    }
};

// ---- what each value is stored as, written down without the library's codecs

struct reference {
    static attribute_value of(std::string const& value) { return value; }
    static attribute_value of(bool value) { return value; }
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    static attribute_value of(T value) {
        return dynamodb::number::parse(std::to_string(value));
    }
    /// As many digits as it takes to read back the same value; all digits of an integer, if its text is no longer then.
    template <std::floating_point T> static attribute_value of(T value) {
        auto const wide = static_cast<double>(value);
        char text[400];
        for (int digits = 1;; ++digits) {
            std::snprintf(text, sizeof text, "%.*e", digits - 1, wide);
            T const back = std::is_same_v<T, float> ? static_cast<T>(std::strtof(text, nullptr))
                                                    : static_cast<T>(std::strtod(text, nullptr));
            if (back == value) break;
        }
        char whole[400];
        std::snprintf(whole, sizeof whole, "%.0f", wide);
        bool const is_shorter = wide == std::trunc(wide) && std::strlen(whole) <= std::strlen(text);
        return dynamodb::number::parse(is_shorter ? whole : text);
    }
    static std::string clock_text(std::int64_t milliseconds, char const* format, bool with_milliseconds) {
        std::int64_t const rest = (milliseconds % 1000 + 1000) % 1000;
        std::time_t const seconds = static_cast<std::time_t>((milliseconds - rest) / 1000);
        std::tm parts{};
        ::gmtime_r(&seconds, &parts);
        char day[32], out[64];
        // strftime() writes years below 1000 without zeros in front.
        std::snprintf(day, sizeof day, "%04d-%02d-%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
        std::snprintf(out, sizeof out, format, day, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(rest));
        return with_milliseconds ? out : day;
    }
    static attribute_value of(timestamp value) {
        return clock_text(value.time().time_since_epoch().count(), "%sT%02d:%02d:%02d.%03dZ", true);
    }
    template <class Unit> static attribute_value of(epoch_time<Unit> value) { return of(value.count()); }
    static attribute_value of(std::chrono::minutes value) { return of(value.count()); }
    static attribute_value of(std::chrono::sys_days value) {
        return clock_text(system_time(value).time_since_epoch().count(), "%s", false);
    }
    static attribute_value of(std::chrono::year_month_day value) { return of(std::chrono::sys_days(value)); }
    static attribute_value of(dynamodb::number const& value) { return value; }
    static attribute_value of(dynamodb::binary const& value) { return value; }
    static attribute_value of(std::vector<std::byte> const& value) {
        dynamodb::binary made;
        for (auto const one : value) made.bytes += static_cast<char>(one);
        return made;
    }
    static attribute_value of(std::array<unsigned char, 4> const& value) {
        dynamodb::binary made;
        for (auto const one : value) made.bytes += static_cast<char>(one);
        return made;
    }
    static attribute_value of(Level value) { return value == Level::low ? "low" : "hoch \xe2\x86\x91"; }
    static attribute_value of(ulid const& value) { return value.to_string(); }
    static attribute_value of(drawn::uuid const& value) {
        std::string text;
        for (auto const byte : value) {
            char digits[3];
            std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte));
            text += digits;
            auto const size = text.size();
            if (size == 8 || size == 13 || size == 18 || size == 23) text += '-';
        }
        return text;
    }
    template <class T> static attribute_value of(std::optional<T> const& value) {
        return value ? of(*value) : attribute_value();
    }
    template <class T> static attribute_value of(std::vector<T> const& value) {
        dynamodb::list made;
        for (auto const& one : value) made.push_back(element(one));
        return made;
    }
    template <class Map> static attribute_value of_map(Map const& value) {
        dynamodb::item made;
        for (auto const& [name, one] : value) made.insert_or_assign(name, element(one));
        return made;
    }
    template <class T> static attribute_value of(std::map<std::string, T> const& value) { return of_map(value); }
    template <class T> static attribute_value of(std::unordered_map<std::string, T> const& value) {
        return of_map(value);
    }
    template <class Set> static attribute_value of_set(Set const& value) {
        dynamodb::string_set texts;
        dynamodb::number_set numbers;
        dynamodb::binary_set bytes;
        for (auto const& one : value) {
            auto const made = of(one);
            if (made.type() == attribute_type::string) texts.members.push_back(made.as_string());
            if (made.type() == attribute_type::number) numbers.members.push_back(made.as_number());
            if (made.type() == attribute_type::binary) bytes.members.push_back(made.as_binary());
        }
        if (!texts.members.empty()) return texts;
        if (!numbers.members.empty()) return numbers;
        return bytes;
    }
    template <class T> static attribute_value of(std::set<T> const& value) { return of_set(value); }
    template <class T> static attribute_value of(std::unordered_set<T> const& value) { return of_set(value); }
    static dynamodb::item members(Spot const& value) {
        dynamodb::item made;
        put(made, "x.y", value.x);
        put(made, "label", value.label);
        put(made, "marks", value.marks);
        return made;
    }
    static dynamodb::item members(Line const& value) {
        dynamodb::item made;
        put(made, "from", value.from);
        put(made, "to", value.to);
        put(made, "between", value.between);
        return made;
    }
    static attribute_value of(Spot const& value) { return members(value); }
    static attribute_value of(Line const& value) { return members(value); }
    static attribute_value of(Shape const& value) {
        if (auto const* const spot = std::get_if<Spot>(&value)) return tagged(members(*spot), "spot");
        if (auto const* const line = std::get_if<Line>(&value)) return tagged(members(*line), "line");
        if (auto const* const yes = std::get_if<bool>(&value)) return *yes;
        if (auto const* const text = std::get_if<std::string>(&value)) return *text;
        if (auto const* const number = std::get_if<std::int64_t>(&value)) return of(*number);
        return {};
    }
    static attribute_value tagged(dynamodb::item map, char const* kind) {
        map.insert_or_assign("kind", kind);
        return map;
    }
    static attribute_value of(attribute_value const& value) { return value; }

    template <class T> static bool is_nothing(T const&) { return false; }
    static bool is_nothing(timestamp value) { return !value.is_set(); }
    template <class Unit> static bool is_nothing(epoch_time<Unit> value) { return !value.is_set(); }
    template <class T> static bool is_nothing(std::optional<T> const& value) { return !value || is_nothing(*value); }
    template <class T> static bool is_nothing(std::set<T> const& value) { return value.empty(); }
    template <class T> static bool is_nothing(std::unordered_set<T> const& value) { return value.empty(); }
    static bool is_nothing(ulid const& value) { return value.is_nil(); }
    static bool is_nothing(drawn::uuid const& value) { return value.is_nil(); }
    static bool is_nothing(Shape const& value) { return value.index() == 0; }

    /// Nothing inside of a list or map is NULL.
    template <class T> static attribute_value element(T const& value) {
        return is_nothing(value) ? attribute_value() : of(value);
    }
    template <class T> static void put(dynamodb::item& to, std::string const& name, T const& value) {
        if (!is_nothing(value)) to.insert_or_assign(name, of(value));
    }
    static dynamodb::item of(Everything const& value) {
        dynamodb::item made;
        detail::visit_members(value, [&](auto const&... members) {
            std::size_t i = 0;
            (put(made, snake_case(detail::member_names<Everything>[i++]), members), ...);
        });
        return made;
    }
};

template <class T> bool is_same(T const& a, T const& b) { return a == b; }
bool is_same(dynamodb::binary const& a, dynamodb::binary const& b) { return a.bytes == b.bytes; }

/// The names of the members that differ.
std::string differing(Everything const& a, Everything const& b) {
    std::string names;
    detail::visit_members(a, [&](auto const&... x) {
        detail::visit_members(b, [&](auto const&... y) {
            std::size_t i = 0;
            ((names += is_same(x, y) ? "" : std::string(detail::member_names<Everything>[i]) + ' ', ++i), ...);
        });
    });
    return names;
}
std::string differing(dynamodb::item const& a, dynamodb::item const& b) {
    std::string names;
    for (auto const& [name, value] : a)
        if (auto const at = b.find(name); at == b.end() || !(at->second == value)) names += name + ' ';
    for (auto const& [name, value] : b)
        if (!a.contains(name)) names += '+' + name + ' ';
    return names;
}

class properties : public test::database_test, public ::testing::WithParamInterface<char const*> {
protected:
    properties() : database_test(GetParam()) {}

    property_run random;
};
INSTANTIATE_TEST_SUITE_P(server, properties, ::testing::Values("DYNAMODB_ENDPOINT", "DYNASIO_DYNALITE_ENDPOINT"),
                         [](auto const& one) { return one.index == 0 ? "first" : "second"; });

TEST_P(properties, any_value_of_any_type_comes_back_and_is_stored_as_a_reference_says) {
    SCOPED_TRACE(random.how_to_repeat());
    create_tables<Everything>();
    repository<Everything> all{db};
    for (std::size_t round = property_run::rounds(4); round-- > 0;) {
        std::vector<Everything> made(50);
        std::vector<key_of<Everything>> keys;
        for (std::size_t i = 0; i != made.size(); ++i) {
            draw{random}(made[i]);
            made[i].id = "e" + std::to_string(i);
            keys.emplace_back(made[i].id);
        }
        // The items are written as the encoder writes them, many to a request.
        for (std::size_t begin = 0; begin < made.size(); begin += 25) {
            dynamodb::batch_write_item_request request({});
            auto& writes = request.request_items[prefix + "everythings"];
            for (std::size_t i = begin; i != begin + 25; ++i) {
                std::string text = "{";
                entity_type_of<Everything>().encode_members(text, &made[i], {});
                text += '}';
                dynamodb::json_reader in{std::string_view(text)};
                dynamodb::put_request put;
                put.item = dynamodb::read_item(in);
                dynamodb::write_request write;
                write.put_request = std::move(put);
                writes.push_back(std::move(write));
            }
            run(direct.batch_write_item(request));
        }
        auto const read = run(all.find_many(keys));
        std::map<std::string, dynamodb::item> items;
        auto const page = run(direct.scan(dynamodb::scan_request(prefix + "everythings")));
        ASSERT_FALSE(page.last_evaluated_key);
        for (auto const& item : page.items.value()) items.insert_or_assign(item.at("id").as_string(), item);
        for (std::size_t i = 0; i != made.size(); ++i) {
            ASSERT_TRUE(read[i]);
            EXPECT_EQ(differing(made[i], *read[i]), "") << made[i].id;
            EXPECT_EQ(differing(reference::of(made[i]), items.at(made[i].id)), "") << made[i].id;
        }
        // A save of what was read changes nothing.
        auto again = *read[0];
        run(all.save(again));
        EXPECT_EQ(differing(stored("everythings", "e0"), items.at("e0")), "");
        if (HasFailure()) break;
    }
}

/// What the table holds of one document.
struct known_doc {
    bool there = false;
    bool trashed = false;
    std::uint64_t version = 0;
    std::string title{};
    std::optional<std::string> note{};
};

TEST_P(properties, any_sequence_of_writes_leaves_what_a_model_says) {
    SCOPED_TRACE(random.how_to_repeat());
    create_tables<Doc>();
    repository<Doc> docs{db};
    repository<tracked<Doc>> followed{db};
    for (std::size_t round = property_run::rounds(6); round-- > 0;) {
        std::string const id = "d" + std::to_string(round);
        known_doc model;
        // Two plain copies and two tracked ones, of which any may be older than the item.
        Doc copies[2];
        tracked<Doc> tracks[2];
        for (auto& one : copies) one.id = id;
        for (auto& one : tracks) one->id = id;
        std::string history;
        auto const outcome = [&](auto op) { return run(as_result(std::move(op))); };
        auto const expect_code = [&](auto const& result, std::optional<errc> code) {
            if (!code) {
                EXPECT_TRUE(result.has_value()) << history << (result ? "" : result.error().to_string());
                return result.has_value();
            }
            EXPECT_FALSE(result.has_value()) << history;
            if (!result) {
                EXPECT_EQ(result.error().code, *code) << history << result.error().to_string();
            }
            return false;
        };
        // What a write guarded by the version of a copy meets.
        auto const guarded = [&](std::uint64_t version) -> std::optional<errc> {
            if (model.there && model.version == version) return std::nullopt;
            return errc::stale_version;
        };
        for (int step = 0; step != 40 && !HasFailure(); ++step) {
            std::size_t const which = random.below(2);
            Doc& copy = copies[which];
            tracked<Doc>& track = tracks[which];
            Doc const before = copy;
            switch (auto const action = random.below(14); action) {
            case 0:
                history += "create ";
                if (expect_code(outcome(docs.create(copy)),
                                model.there ? std::optional(errc::already_exists) : std::nullopt))
                    model = {true, is_trashed(copy), 1, copy.title, copy.note};
                break;
            case 1:
            case 2:
                history += "save ";
                copy.title += "x";
                copy.note = random.one_in(2) ? std::optional(copy.title) : std::nullopt;
                if (expect_code(outcome(docs.save(copy)), copy.version != 0 ? guarded(copy.version)
                                                          : model.there     ? std::optional(errc::already_exists)
                                                                            : std::nullopt))
                    model = {true, is_trashed(copy), before.version + 1, copy.title, copy.note};
                break;
            case 3:
                history += "trash ";
                if (expect_code(outcome(docs.trash(copy)),
                                copy.version != 0 ? guarded(copy.version) : std::optional(errc::stale_version))) {
                    model.trashed = true;
                    ++model.version;
                }
                break;
            case 4:
                history += "restore ";
                if (expect_code(outcome(docs.restore(copy)),
                                copy.version != 0 ? guarded(copy.version) : std::optional(errc::stale_version))) {
                    model.trashed = false;
                    ++model.version;
                }
                break;
            case 5: {
                history += "remove ";
                auto const removed = outcome(docs.remove(copy));
                bool const refuses = model.there && model.version != copy.version;
                if (expect_code(removed, refuses ? std::optional(errc::stale_version) : std::nullopt)) {
                    EXPECT_EQ(*removed, model.there) << history;
                    model = {};
                    copy = Doc();
                    copy.id = id;
                }
                break;
            }
            case 6: {
                history += "update ";
                auto const title = "u" + std::to_string(step);
                auto const updated = outcome(docs.update(id, set_to<&Doc::title>(title), unset<&Doc::note>()));
                if (expect_code(updated, model.there ? std::nullopt : std::optional(errc::not_found))) {
                    model.title = title;
                    model.note.reset();
                    ++model.version;
                    EXPECT_EQ(updated->version, model.version) << history;
                }
                break;
            }
            case 7:
                history += "trash() ";
                trash(copy);
                trash(track);
                break;
            case 8:
                history += "restore() ";
                restore(copy);
                restore(track);
                break;
            case 9: {
                history += "read ";
                if (auto found = run(docs.find(id))) copy = *found;
                if (auto found = run(followed.find(id))) track = *found;
                break;
            }
            case 10:
            case 11: {
                history += "save tracked ";
                if (random.one_in(2)) track->title += "t";
                bool const is_new = track.is_new();
                bool const sends = is_new || track.has_changes();
                auto const dirty_title = is_new || track.is_dirty<&Doc::title>();
                auto const dirty_note = is_new || track.is_dirty<&Doc::note>();
                auto const dirty_trash = is_new || track.is_dirty<&Doc::deleted_at>();
                std::optional<errc> expected;
                if (is_new && track->version == 0 && model.there) expected = errc::already_exists;
                if (sends && track->version != 0) expected = guarded(track->version);
                auto const old_version = track->version;
                if (expect_code(outcome(followed.save(track)), expected) && sends) {
                    model.there = true;
                    model.version = old_version + 1;
                    if (dirty_title) model.title = track->title;
                    if (dirty_note) model.note = track->note;
                    if (dirty_trash) model.trashed = is_trashed(track);
                }
                break;
            }
            case 12: {
                history += "trash tracked ";
                auto const version = track->version;
                if (expect_code(outcome(followed.trash(track)),
                                version != 0 ? guarded(version) : std::optional(errc::stale_version))) {
                    model.trashed = true;
                    ++model.version;
                }
                break;
            }
            default: {
                history += "remove tracked ";
                bool const refuses = model.there && model.version != track->version;
                auto const removed = outcome(followed.remove(track));
                if (expect_code(removed, refuses ? std::optional(errc::stale_version) : std::nullopt)) {
                    EXPECT_EQ(*removed, model.there) << history;
                    model = {};
                    track = tracked<Doc>();
                    track->id = id;
                }
            }
            }
            auto const found = run(repository<Doc>(direct).find(id));
            ASSERT_EQ(found.has_value(), model.there) << history;
            if (!found) continue;
            EXPECT_EQ(found->version, model.version) << history;
            EXPECT_EQ(found->title, model.title) << history;
            EXPECT_EQ(found->note, model.note) << history;
            EXPECT_EQ(is_trashed(*found), model.trashed) << history;
            EXPECT_TRUE(found->created_at.is_set() && found->updated_at.is_set()) << history;
        }
    }
}

} // namespace
} // namespace dynasio
