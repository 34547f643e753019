#ifndef DYNASIO_BENCH_BY_SIMDJSON_HPP
#define DYNASIO_BENCH_BY_SIMDJSON_HPP

#include <string>

#include "shapes.hpp"

// The shapes read by hand with simdjson's On-Demand interface: one pass over each object, each name compared once, no
// checks beyond those of the library. The text has simdjson's padding behind it.
namespace bench {

struct padded {
    explicit padded(std::string const& item);
    std::string text;
    std::size_t size;
};

void read_by_simdjson(padded const& item, Small& to);
void read_by_simdjson(padded const& item, Wide& to);
void read_by_simdjson(padded const& item, Deep& to);
void read_by_simdjson(padded const& item, Large& to);

} // namespace bench

#endif
