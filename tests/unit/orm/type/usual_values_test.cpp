// Items are read and written by short ways for what is usual. Here they are compared with what the codecs do, on items
// that are usual, nearly usual, and broken.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "orm/type/floating.hpp"
#include "orm/type/item_values.hpp"
#include "support/by_codecs.hpp"

namespace usual {

struct Celsius {
    double degrees = 0;
    friend bool operator==(Celsius const&, Celsius const&) = default;
};

/// A name of its own that happens to be stored as text: derived from the built-in codec, but not the built-in codec.
struct Shouted : std::string {
    using std::string::string;
};

/// A member of every kind that has a short way, in several sizes, and of some that have none.
struct Sample {
    std::string id{};
    std::string text{};
    std::string label{"default"};
    std::optional<std::string> note{};
    std::vector<std::string> words{};
    dynasio::timestamp at{};
    bool flag{};
    std::int32_t small{};
    std::uint32_t natural{};
    std::int64_t large{};
    std::uint64_t huge{};
    long long longest{};
    double real{};
    std::int8_t tiny{};
    float single{};
    std::optional<std::int64_t> maybe{};
    std::vector<std::int64_t> numbers{};
    std::map<std::string, std::string> map{};
    dynasio::dynamodb::number exact{};
    Celsius warmth{};
    Shouted loud{};
    friend bool operator==(Sample const&, Sample const&) = default;
};

constexpr auto dynasio_schema(dynasio::tag<Sample>) {
    using namespace dynasio;
    // Names that end where a look at them ends, and one that stands in JSON as it does not in the schema.
    return entity<Sample>(partition_key<&Sample::id>, gsi<&Sample::label>{"by_label"},
                          attribute<&Sample::natural>{"fifteen_letters"}, attribute<&Sample::large>{"sixteen__letters"},
                          attribute<&Sample::huge>{"seventeen_letters"}, attribute<&Sample::longest>{R"(a\\)"});
}

} // namespace usual

template <> struct dynasio::codec<usual::Celsius> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::number;
    static void encode(std::string& out, usual::Celsius value) { codec<double>::encode(out, value.degrees + 273.15); }
    static void decode(dynasio::dynamodb::json_reader& in, usual::Celsius& value) {
        codec<double>::decode(in, value.degrees);
        value.degrees -= 273.15;
    }
};
template <> struct dynasio::codec<usual::Shouted> : dynasio::codec<std::string> {
    static void encode(std::string& out, usual::Shouted const& value) {
        dynasio::dynamodb::append_string_attribute(out, value + "!");
    }
    static void decode(dynasio::dynamodb::json_reader& in, usual::Shouted& value) {
        codec<std::string>::decode(in, value);
        if (!value.empty()) value.pop_back();
    }
};

namespace {

using dynasio::entity_type;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::error;
using dynasio::timestamp;
using dynasio::detail::usual_type;
using dynasio::dynamodb::json_reader;
using usual::Sample;

entity_type const& type() { return entity_type_of<Sample>(); }

std::string written(Sample const& s) {
    std::string out = "{";
    type().encode_members(out, &s, {});
    return out + '}';
}

class random_samples {
public:
    explicit random_samples(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_); }
    bool one_in(std::size_t n) { return below(n) == 0; }

    std::string text() {
        // Around the sizes of one look, of two, and beyond.
        std::string out(below(3) == 0 ? below(8) : below(80), 'a');
        for (char& c : out) c = static_cast<char>(' ' + below(95));
        if (!one_in(3)) std::erase_if(out, [](char c) { return c == '"' || c == '\\'; });
        if (one_in(4)) out.insert(below(out.size() + 1), std::array{"é", "日本", "😀", "\n", "\x7f", "\x01"}[below(6)]);
        return out;
    }
    double real() {
        switch (below(6)) {
        case 0:
            return static_cast<double>(static_cast<std::int64_t>(below(2'000'000)) - 1'000'000) / 100;
        case 1:
            return static_cast<double>(below(2'000'000'000)) / std::array{1.0, 10.0, 1e3, 1e4, 1e5, 1e7}[below(6)];
        case 2:
            return std::ldexp(static_cast<double>(engine_()), static_cast<int>(below(200)) - 100);
        case 3:
            return -0.0;
        case 4:
            return static_cast<double>(below(100)) * std::pow(10.0, static_cast<int>(below(40)) - 20);
        default:
            return static_cast<double>(below(1000));
        }
    }
    template <class Integer> Integer integer() {
        auto const bits = below(std::numeric_limits<Integer>::digits + 1);
        auto const value = bits == 0 ? Integer{} : static_cast<Integer>(engine_() >> (64 - bits));
        return std::is_signed_v<Integer> && one_in(2) ? static_cast<Integer>(-value) : value;
    }

    Sample sample() {
        Sample s;
        s.id = 'i' + text();
        s.text = text();
        if (one_in(2)) s.label = text();
        if (one_in(2)) s.note = text();
        for (auto n = below(12); n > 0; --n) s.words.push_back(text());
        if (!one_in(4)) s.at = timestamp(dynasio::system_time(std::chrono::milliseconds(below(4'000'000'000'000))));
        s.flag = one_in(2);
        s.small = integer<std::int32_t>();
        s.natural = integer<std::uint32_t>();
        s.large = integer<std::int64_t>();
        s.huge = integer<std::uint64_t>();
        s.longest = integer<std::int64_t>();
        s.real = real();
        s.tiny = integer<std::int8_t>();
        s.single = static_cast<float>(below(1000)) / 8;
        if (one_in(2)) s.maybe = integer<std::int64_t>();
        for (auto n = below(4); n > 0; --n) s.numbers.push_back(integer<std::int64_t>());
        if (one_in(2)) s.map.emplace(text(), text());
        s.warmth.degrees = static_cast<double>(below(100));
        if (one_in(2)) s.loud.assign(text());
        return s;
    }

    /// The members of an item in another order, sometimes with attributes that the schema does not know.
    std::string shuffled(Sample const& s) {
        std::vector<std::string> members;
        for (dynasio::attribute_index i = 0; i != type().attributes.size(); ++i)
            if (auto const wire = type().wire(&s, i); !wire.empty())
                members.push_back(type()[i].json_name + (one_in(20) && !type().is_key(i) ? any_null() : wire));
        if (one_in(3)) members.emplace_back(R"("unknown":{"M":{"id":{"S":"x"},"l":{"L":[{"N":"1"}]}}})");
        if (one_in(3)) members.emplace_back(R"("idx":{"S":"like the key, but longer"})");
        std::shuffle(members.begin(), members.end(), engine_);
        std::string out = "{";
        for (auto const& member : members) out += (out.size() > 1 ? "," : "") + member;
        return out + '}';
    }

    std::string any_null() {
        return std::array{R"({"NULL":true})", R"({ "NULL" : true })", R"({"\u004eULL":true})"}[below(3)];
    }

    void break_somewhere(std::string& text) {
        static constexpr std::string_view bytes = "\"\\{}[]:, 0a-.eSNLBM\x01\xc3\x7f";
        for (auto n = 1 + below(3); n > 0 && !text.empty(); --n) {
            auto const at = below(text.size());
            switch (below(4)) {
            case 0:
                text[at] = bytes[below(bytes.size())];
                break;
            case 1:
                text.erase(at, 1 + below(3));
                break;
            case 2:
                text.insert(at, 1, bytes[below(bytes.size())]);
                break;
            default:
                text.resize(at);
            }
        }
    }

private:
    std::mt19937_64 engine_;
};

struct outcome {
    std::optional<std::error_code> failed{};
    Sample sample{};
    std::string key{};
    std::size_t read = 0;
};

/// The text is an allocation of its own, of just its size: the address sanitizer sees what is read behind it.
outcome read(std::string const& text, bool by_codecs, unsigned levels = json_reader::default_max_depth) {
    std::vector<char> const bytes(text.begin(), text.end());
    json_reader in({bytes.data(), bytes.size()}, levels);
    outcome made;
    try {
        if (by_codecs) {
            test::decode_by_codecs(type(), in, &made.sample);
        } else {
            dynasio::detail::item_values found;
            type().decode(in, &made.sample, found);
            made.key = found[type().key.partition];
        }
        made.read = in.position();
        in.finish();
    } catch (error const& e) {
        made.failed = e.code();
        made.sample = {};
    }
    return made;
}

TEST(usual_values, of_each_kind_are_read_and_written_without_its_codec) {
    std::map<std::string, usual_type> const expected{
        {"id", usual_type::string},           {"note", usual_type::optional_string},
        {"words", usual_type::string_list},   {"at", usual_type::timestamp},
        {"flag", usual_type::boolean},        {"small", usual_type::signed_32},
        {"natural", usual_type::unsigned_32}, {"large", usual_type::signed_64},
        {"huge", usual_type::unsigned_64},    {"longest", usual_type::signed_64},
        {"real", usual_type::floating_64},    {"tiny", usual_type::none},
        {"maybe", usual_type::none},          {"map", usual_type::none},
        {"warmth", usual_type::none},         {"loud", usual_type::none}};
    for (auto const& a : type().attributes) {
        auto const at = expected.find(a.member);
        if (at != expected.end()) {
            EXPECT_EQ(a.usual, at->second) << a.member;
        }
    }
}

TEST(usual_values, are_written_as_the_codecs_write_them) {
    random_samples some(1);
    for (int i = 0; i != 5000; ++i) {
        Sample const s = some.sample();
        ASSERT_EQ(written(s), '{' + test::encode_by_codecs(type(), &s) + '}');
    }
}

TEST(usual_values, are_read_as_the_codecs_read_them) {
    random_samples some(2);
    for (int i = 0; i != 5000; ++i) {
        Sample const s = some.sample();
        std::string const text = some.shuffled(s);
        outcome const got = read(text, false);
        ASSERT_FALSE(got.failed) << text;
        ASSERT_EQ(got.sample, read(text, true).sample) << text;
        std::string key;
        dynasio::dynamodb::append_string_attribute(key, s.id);
        ASSERT_EQ(got.key, key);
        ASSERT_EQ(got.read, text.size());
    }
}

TEST(usual_values, that_are_broken_are_refused_as_the_codecs_refuse_them) {
    random_samples some(3);
    int refused = 0;
    for (int i = 0; i != 40000; ++i) {
        std::string text = some.shuffled(some.sample());
        some.break_somewhere(text);
        outcome const got = read(text, false);
        outcome const wanted = read(text, true);
        ASSERT_EQ(got.failed, wanted.failed) << text;
        ASSERT_EQ(got.sample, wanted.sample) << text;
        if (got.failed) ++refused;
    }
    EXPECT_GT(refused, 10000);
    EXPECT_LT(refused, 39000);
}

TEST(usual_values, that_are_null_leave_members_as_they_are) {
    for (auto const& a : type().attributes) {
        if (a.name == "id") continue;
        for (std::string const null : {R"({"NULL":true})", R"( { "NULL" : true } )", R"({"\u004eULL":true})"}) {
            std::string const text = R"({"id":{"S":"i"},)" + a.json_name + null + R"(,"unknown":{"N":"1"}})";
            outcome const got = read(text, false);
            ASSERT_FALSE(got.failed) << text;
            Sample expected;
            expected.id = "i";
            EXPECT_EQ(got.sample, expected) << text;
            EXPECT_EQ(read(text, true).sample, expected) << text;
            EXPECT_EQ(got.read, text.size());
        }
        std::string const no_null = R"({"id":{"S":"i"},)" + a.json_name + R"({"NULL":false}})";
        EXPECT_EQ(read(no_null, false).failed, make_error_code(errc::malformed_response)) << no_null;
    }
    std::string const key = R"({"id":{"NULL":true}})";
    EXPECT_EQ(read(key, false).failed, make_error_code(errc::attribute_type_mismatch));
    EXPECT_EQ(read(key, true).failed, make_error_code(errc::attribute_type_mismatch));
}

TEST(usual_values, nest_no_deeper_than_allowed) {
    Sample s;
    s.id = "i";
    s.words = {"one", "two"};
    std::string const text = written(s);
    for (unsigned levels = 1; levels != 6; ++levels)
        EXPECT_EQ(read(text, false, levels).failed, read(text, true, levels).failed) << levels;
    EXPECT_EQ(read(text, false, 3).failed, make_error_code(errc::nesting_too_deep));
    EXPECT_FALSE(read(text, false, 4).failed);
}

TEST(usual_values, take_the_place_of_what_a_member_held) {
    random_samples some(4);
    for (int i = 0; i != 500; ++i) {
        Sample const before = some.sample();
        std::string const text = some.shuffled(some.sample());
        Sample got = before;
        json_reader in(text);
        type().decode(in, &got);
        Sample wanted = before;
        json_reader again(text);
        test::decode_by_codecs(type(), again, &wanted);
        ASSERT_EQ(got, wanted) << text;
    }
}

TEST(usual_values, are_read_to_the_last_byte_of_the_text) {
    // The last members are too near to the end for a look that is wider than they are.
    for (std::size_t size = 0; size != 70; ++size) {
        std::string const text = R"({"id":{"S":")" + std::string(size, 'x') + R"("}})";
        outcome const got = read(text, false);
        ASSERT_FALSE(got.failed);
        ASSERT_EQ(got.sample.id, std::string(size, 'x'));
    }
}

TEST(numbers_of_few_decimals, are_spelt_as_the_library_spells_them) {
    using dynasio::detail::write_few_decimals;
    std::mt19937_64 engine(5);
    auto const below = [&](std::uint64_t end) {
        return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(engine);
    };
    int written_shortly = 0;
    for (int i = 0; i != 300000; ++i) {
        double const divisor = std::array{1.0, 2.0, 3.0, 10.0, 100.0, 1e3, 1e4, 1e5}[below(8)];
        double value =
            static_cast<double>(below(std::array<std::uint64_t, 4>{100, 100000, 1000000000, 1ULL << 52}[below(4)])) /
            divisor;
        if (below(4) == 0) value *= std::array{10.0, 1e3, 1e5, 1e6}[below(4)];
        if (below(8) == 0) value = std::nextafter(value, below(2) == 0 ? 0.0 : 1e9);
        if (below(2) == 0) value = -value;
        std::array<char, 64> text;
        auto* const end = write_few_decimals(text.data(), text.data() + text.size(), value);
        if (end == nullptr) continue;
        ++written_shortly;
        std::array<char, 64> wanted;
        auto* const wanted_end = std::to_chars(wanted.data(), wanted.data() + wanted.size(), value).ptr;
        ASSERT_EQ(std::string(text.data(), end), std::string(wanted.data(), wanted_end));
    }
    EXPECT_GT(written_shortly, 100000);
}

TEST(numbers_of_few_decimals, are_left_to_the_library_where_it_finds_a_shorter_spelling) {
    for (double const value : {100000.0, 1e6, 1.2e7, 1e-4, 1e9, 1e300, 0.1 + 0.2, 1.0 / 3, 0.0,
                               std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        std::array<char, 64> text;
        EXPECT_EQ(dynasio::detail::write_few_decimals(text.data(), text.data() + text.size(), value), nullptr) << value;
    }
}

} // namespace
