// Cursors that come back from a user's browser: identity and cursor, told apart by a line break.

#include <dynasio/orm/detail/options.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <algorithm>
#include <string>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace dynasio;
    auto const text = fuzz::text_of(data, size);
    auto const split = std::min(text.find('\n'), text.size());
    auto const identity = text.substr(0, split);
    auto const rest = text.substr(std::min(split + 1, text.size()));
    // As a cursor.
    (void)fuzz::succeeds({errc::invalid_cursor}, [&] {
        auto const key = detail::decode_cursor(identity, rest);
        fuzz::require(detail::encode_cursor(identity, key) == rest, "a cursor has one spelling");
    });
    // As the key of one.
    auto const coded = detail::encode_cursor(identity, rest);
    fuzz::require(coded.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                      std::string::npos,
                  "a cursor is text for links");
    bool const is_key = fuzz::succeeds({errc::malformed_response, errc::nesting_too_deep}, [&] {
        dynamodb::json_reader in(rest);
        (void)dynamodb::read_item(in);
        in.finish();
    });
    bool const decoded = fuzz::succeeds({errc::invalid_cursor}, [&] {
        fuzz::require(detail::decode_cursor(identity, coded) == rest, "a cursor leads back to its key");
    });
    fuzz::require(decoded == is_key, "every key makes a cursor, and nothing else does");
    return 0;
}
