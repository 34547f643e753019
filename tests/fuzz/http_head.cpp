// Heads of answers: understood as Beast understands them, whole and in pieces.

#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "support/reference_head.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace dynasio;
    auto const text = fuzz::text_of(data, size);
    auto const mine = test::parse_head(text, size);
    auto const step = size == 0 ? std::size_t{1} : std::size_t{data[size - 1]} % 16 + 1;
    fuzz::require(test::parse_head(text, step) == mine, "pieces are understood as the whole is");
    auto theirs = test::reference_head(text).result;
    // Stricter on purpose: with folded lines, and with a wrong line before its end.
    if (mine.refused && !theirs.refused && (test::has_fold(text) || !theirs.complete)) return 0;
    // HTTP/1.0 with both "close" and "keep-alive": Beast would keep the connection.
    if (theirs.complete && !mine.keep_alive) theirs.keep_alive = false;
    fuzz::require(mine == theirs, "Beast understands the same");
    return 0;
}
