#ifndef DYNASIO_BENCH_SHAPES_HPP
#define DYNASIO_BENCH_SHAPES_HPP

#include <dynasio/orm/schema.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Entities of four shapes: small, wide (100 attributes), deep (10 maps in one another), large (300 KB).
namespace bench {

struct Small {
    std::string id{};
    std::string name{};
    std::int64_t count{};
    bool active{};
};
constexpr auto dynasio_schema(dynasio::tag<Small>) {
    using namespace dynasio::dsl;
    return entity<Small>(table{"shape_small"}, partition_key<&Small::id>);
}

/// 40 texts, 30 integers, 20 doubles and 10 booleans; the number in each name is unique.
#define BENCH_TEN(kind, tens)                                                                                          \
    kind##tens##0 {}, kind##tens##1 {}, kind##tens##2 {}, kind##tens##3 {}, kind##tens##4 {}, kind##tens##5 {},        \
        kind##tens##6 {}, kind##tens##7 {}, kind##tens##8 {}, kind##tens##9 {}
struct Wide {
    std::string BENCH_TEN(t, 0), BENCH_TEN(t, 1), BENCH_TEN(t, 2), BENCH_TEN(t, 3);
    std::int64_t BENCH_TEN(n, 4), BENCH_TEN(n, 5), BENCH_TEN(n, 6);
    double BENCH_TEN(d, 7), BENCH_TEN(d, 8);
    bool BENCH_TEN(b, 9);
};
#undef BENCH_TEN
constexpr auto dynasio_schema(dynasio::tag<Wide>) {
    using namespace dynasio::dsl;
    return entity<Wide>(table{"shape_wide"}, partition_key<&Wide::t00>);
}

template <int Levels> struct Level {
    std::string name{};
    std::int64_t number{};
    Level<Levels - 1> inner{};
};
template <> struct Level<1> {
    std::string name{};
    std::int64_t number{};
};
template <int Levels> constexpr auto dynasio_schema(dynasio::tag<Level<Levels>>) {
    return dynasio::dsl::value<Level<Levels>>();
}
struct Deep {
    std::string id{};
    Level<10> top{};
};
constexpr auto dynasio_schema(dynasio::tag<Deep>) {
    using namespace dynasio::dsl;
    return entity<Deep>(table{"shape_deep"}, partition_key<&Deep::id>);
}

/// 100 KB of text, 75 KB of bytes, and a list of 1,500 texts.
struct Large {
    std::string id{};
    std::string text{};
    std::vector<std::byte> bytes{};
    std::vector<std::string> list{};
};
constexpr auto dynasio_schema(dynasio::tag<Large>) {
    using namespace dynasio::dsl;
    return entity<Large>(table{"shape_large"}, partition_key<&Large::id>);
}

} // namespace bench

#endif
