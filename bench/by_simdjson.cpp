#include "by_simdjson.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <simdjson.h>
#include <stdexcept>
#include <utility>

namespace bench {

padded::padded(std::string const& item) : text(item), size(item.size()) {
    text.resize(size + simdjson::SIMDJSON_PADDING);
}

namespace {

namespace od = simdjson::ondemand;

od::parser parser;

template <class Number> Number number_of(std::string_view text) {
    Number value{};
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
        throw std::runtime_error("no number");
    return value;
}

/// Calls `one(name, value)` for each attribute of an object; `value` is what stands behind the type.
template <class One> void each(od::object object, One one) {
    for (auto field : object) {
        std::string_view const name = field.unescaped_key();
        for (auto typed : field.value().get_object()) one(name, typed.value());
    }
}
template <class One> void each(padded const& item, One one) {
    auto document = parser.iterate(item.text.data(), item.size, item.text.size());
    each(od::object(document.get_object()), one);
}

void read(od::value value, std::string& to) { to = std::string_view(value.get_string()); }
void read(od::value value, std::int64_t& to) { to = number_of<std::int64_t>(value.get_string()); }
void read(od::value value, double& to) { to = number_of<double>(value.get_string()); }
void read(od::value value, bool& to) { to = value.get_bool(); }
void read(od::value value, std::vector<std::byte>& to) {
    std::string_view const text = value.get_string();
    to.resize(text.size() / 4 * 3);
    auto const size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(to.data()),
                        reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) throw std::runtime_error("no base64");
    to.resize(to.size() - static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '=')));
}
void read(od::value value, std::vector<std::string>& to) {
    for (auto element : value.get_array())
        for (auto typed : element.get_object()) to.emplace_back(std::string_view(typed.value().get_string()));
}

template <int Levels> void read(od::value value, Level<Levels>& to) {
    each(od::object(value.get_object()), [&](std::string_view name, od::value inner) {
        if (name == "name")
            read(inner, to.name);
        else if (name == "number")
            read(inner, to.number);
        else if constexpr (Levels > 1) {
            if (name == "inner") read(inner, to.inner);
        }
    });
}

using read_member = void (*)(od::value, Wide&);
#define BENCH_ONE(name) [](od::value value, Wide& to) { read(value, to.name); }
#define BENCH_TEN(k, t)                                                                                                \
    BENCH_ONE(k##t##0), BENCH_ONE(k##t##1), BENCH_ONE(k##t##2), BENCH_ONE(k##t##3), BENCH_ONE(k##t##4),                \
        BENCH_ONE(k##t##5), BENCH_ONE(k##t##6), BENCH_ONE(k##t##7), BENCH_ONE(k##t##8), BENCH_ONE(k##t##9)
constexpr read_member wide_members[] = {BENCH_TEN(t, 0), BENCH_TEN(t, 1), BENCH_TEN(t, 2), BENCH_TEN(t, 3),
                                        BENCH_TEN(n, 4), BENCH_TEN(n, 5), BENCH_TEN(n, 6), BENCH_TEN(d, 7),
                                        BENCH_TEN(d, 8), BENCH_TEN(b, 9)};
#undef BENCH_TEN
#undef BENCH_ONE

} // namespace

void read_by_simdjson(padded const& item, Small& to) {
    each(item, [&](std::string_view name, od::value value) {
        if (name == "id")
            read(value, to.id);
        else if (name == "name")
            read(value, to.name);
        else if (name == "count")
            read(value, to.count);
        else if (name == "active")
            read(value, to.active);
    });
}
void read_by_simdjson(padded const& item, Wide& to) {
    each(item, [&](std::string_view name, od::value value) {
        wide_members[(name[1] - '0') * 10 + (name[2] - '0')](value, to);
    });
}
void read_by_simdjson(padded const& item, Deep& to) {
    each(item, [&](std::string_view name, od::value value) {
        if (name == "id")
            read(value, to.id);
        else if (name == "top")
            read(value, to.top);
    });
}
void read_by_simdjson(padded const& item, Large& to) {
    each(item, [&](std::string_view name, od::value value) {
        if (name == "id")
            read(value, to.id);
        else if (name == "text")
            read(value, to.text);
        else if (name == "bytes")
            read(value, to.bytes);
        else if (name == "list")
            read(value, to.list);
    });
}

} // namespace bench
