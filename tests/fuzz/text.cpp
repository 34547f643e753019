// Short texts from outside: numbers, base64, times, ULIDs, dates of HTTP headers.

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/detail/clock_skew.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <algorithm>
#include <string>

#include "fuzz.hpp"

namespace {

using namespace dynasio;

void numbers(std::string_view a, std::string_view b) {
    auto const one = dynamodb::canonical_number(a);
    if (one.empty()) {
        fuzz::require(!dynamodb::number::try_parse(a), "a number is a number everywhere");
        return;
    }
    fuzz::require(dynamodb::canonical_number(one) == one, "the one spelling is spelled so");
    fuzz::require(dynamodb::compare_numbers(one, a) == 0, "the one spelling has the same value");
    auto const number = dynamodb::number::parse(a);
    (void)fuzz::succeeds({errc::number_out_of_range}, [&] {
        fuzz::require(dynamodb::number(number.to_int64()) == number, "an integer has its value");
    });
    (void)fuzz::succeeds({errc::number_out_of_range}, [&] {
        fuzz::require(dynamodb::number(number.to_uint64()) == number, "an integer has its value");
    });
    (void)number.to_double();
    auto const other = dynamodb::canonical_number(b);
    if (other.empty()) return;
    auto const order = dynamodb::compare_numbers(a, b);
    fuzz::require((order == 0) == (one == other), "equal numbers have equal spelling");
    auto const opposite = dynamodb::compare_numbers(b, a);
    fuzz::require((order < 0) == (opposite > 0) && (order > 0) == (opposite < 0), "order is the same from both sides");
    auto const x = dynamodb::number::parse(a).to_double();
    auto const y = dynamodb::number::parse(b).to_double();
    fuzz::require(x == y || (x < y) == (order < 0), "order agrees with double");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    auto const split = std::min(text.find('\n'), text.size());
    numbers(text.substr(0, split), text.substr(std::min(split + 1, text.size())));

    std::string bytes = "kept";
    if (dynamodb::decode_base64(text, bytes)) {
        std::string again;
        dynamodb::append_base64(again, bytes);
        fuzz::require(again == text, "base64 has one spelling");
    } else {
        fuzz::require(bytes == "kept", "what is no base64 changes nothing");
    }
    std::string coded;
    dynamodb::append_base64(coded, text);
    fuzz::require(dynamodb::decode_base64(coded, bytes) && bytes == text, "base64 leads back");

    if (auto const time = timestamp::parse(text)) {
        auto const again = timestamp::parse(time->to_string());
        fuzz::require(again && again->to_string() == time->to_string(), "a time is read again alike");
    }
    (void)ulid_time(text);
    (void)dynamodb::detail::parse_http_date(text);
    return 0;
}
