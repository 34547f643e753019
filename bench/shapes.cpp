#include "shapes.hpp"

#include <dynasio/orm/detail/describe.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serializer.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "measure.hpp"
#include "shape_items.hpp"
#ifdef DYNASIO_BENCH_SIMDJSON
#include "by_simdjson.hpp"
#endif

namespace bench {

namespace {

template <class T> void decode_ours(std::string const& item, T& to) {
    dynasio::dynamodb::json_reader in(item);
    dynasio::entity_type_of<T>().decode(in, &to);
    in.finish();
}
template <class T> void encode_ours(T const& entity, std::string& out) {
    out.clear();
    out += '{';
    dynasio::entity_type_of<T>().encode_members(out, &entity, {}, true);
    out += '}';
}

template <class T> void measure(std::vector<row>& rows, std::string const& shape, int rounds) {
    std::string const item = shape_item(shape);
    std::string const size = std::to_string(item.size()) + " bytes";
    int const count = std::max(20, static_cast<int>(4'000'000 / item.size()));
    T sample{};
    decode_ours(item, sample);
    std::string written;
    encode_ours(sample, written);
    if (boost::json::parse(written) != boost::json::parse(item))
        throw std::runtime_error("the " + shape + " item is written in another way than it was read");

    std::vector<unsigned char> storage(8 * 1024 * 1024);
    boost::json::monotonic_resource resource(storage.data(), storage.size());
    boost::json::parser parser;
    rows.push_back(compare(
        shape + " entity, decode / Boost.JSON parser", 0.4, rounds, count,
        [&] {
            T entity{};
            decode_ours(item, entity);
        },
        [&] {
            resource.release();
            parser.reset(&resource);
            parser.write(item);
            boost::json::value const value = parser.release();
            if (!value.is_object()) throw std::runtime_error("Boost.JSON read something else");
        },
        size + "; reference makes a DOM only"));
#ifdef DYNASIO_BENCH_SIMDJSON
    padded const with_padding(item);
    T by_hand{};
    read_by_simdjson(with_padding, by_hand);
    std::string again;
    encode_ours(by_hand, again);
    if (again != written) throw std::runtime_error("simdjson read another " + shape + " entity");
    rows.push_back(compare(
        shape + " entity, decode / simdjson by hand", 1.2, rounds, count,
        [&] {
            T entity{};
            decode_ours(item, entity);
        },
        [&] {
            T entity{};
            read_by_simdjson(with_padding, entity);
        },
        size + "; reference fills the same struct"));
#endif
    boost::json::value const dom = boost::json::parse(item);
    boost::json::serializer serializer;
    std::string theirs;
    auto const serialize = [&](boost::json::value const& value) {
        theirs.clear();
        serializer.reset(&value);
        char buffer[16 * 1024];
        while (!serializer.done()) theirs += std::string_view(serializer.read(buffer, sizeof buffer));
    };
    rows.push_back(compare(
        shape + " entity, encode / Boost.JSON", 0.3, rounds, count, [&] { encode_ours(sample, written); },
        [&] {
            resource.release();
            boost::json::value const made(dom, &resource);
            serialize(made);
        },
        size + "; reference makes a DOM by copying one, and serializes it"));
    rows.push_back(compare(
        shape + " entity, encode / Boost.JSON serializer", 0, rounds, count, [&] { encode_ours(sample, written); },
        [&] { serialize(dom); }, size + "; reference has its DOM at hand"));
}

} // namespace

std::vector<row> shapes(int rounds) {
    std::vector<row> rows;
    measure<Small>(rows, "small", rounds);
    measure<Wide>(rows, "wide", rounds);
    measure<Deep>(rows, "deep", rounds);
    measure<Large>(rows, "large", rounds);
    return rows;
}

} // namespace bench
