// The JSON reader against Boost.JSON's parser, reading against skipping, and what is read against what is written.

#include <dynasio/dynamodb/json.hpp>

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <string>

#include "fuzz.hpp"

namespace {

using namespace dynasio;
using dynamodb::json_reader;
namespace json = boost::json;

constexpr unsigned depth_limit = 40;

bool read_with_boost(std::string_view text, json::value& out) {
    json::parse_options options;
    options.max_depth = depth_limit;
    json::parser parser(json::storage_ptr(), options);
    json::error_code ec;
    parser.write(json::string_view(text.data(), text.size()), ec);
    if (ec) return false;
    out = parser.release();
    return true;
}

json::value read_value(json_reader& in) {
    switch (in.peek()) {
    case json_reader::kind::object: {
        json::object result;
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            std::string const key(name);
            result[key] = read_value(in);
        }
        return result;
    }
    case json_reader::kind::array: {
        json::array result;
        in.enter_array();
        while (in.next_element()) result.push_back(read_value(in));
        return result;
    }
    case json_reader::kind::string: {
        std::string const text(in.read_string());
        std::string written;
        dynamodb::append_json_string(written, text);
        json_reader again(written);
        fuzz::require(again.read_string() == text, "a string that was read is written and read again alike");
        return json::value(json::string_view(text.data(), text.size()));
    }
    case json_reader::kind::number: {
        auto const text = in.read_number();
        json::value number;
        // The text alone goes through Boost.JSON: what it makes of the digits is not what is compared.
        fuzz::require(read_with_boost(text, number), "Boost.JSON takes a number that was read");
        return number;
    }
    case json_reader::kind::boolean:
        return in.read_bool();
    case json_reader::kind::null:
        in.read_null();
        return nullptr;
    }
    return nullptr;
}

/// The one thing that is refused here and taken there.
bool has_long_exponent(std::string_view text) {
    std::size_t digits = 0;
    for (char const c : text) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits > 9) return true;
    }
    return false;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    auto const refusals = {error_code(errc::malformed_response), error_code(errc::nesting_too_deep)};
    json::value ours;
    bool const read = fuzz::succeeds(refusals, [&] {
        json_reader in(text, depth_limit);
        ours = read_value(in);
        in.finish();
    });
    bool const skipped = fuzz::succeeds(refusals, [&] {
        json_reader in(text, depth_limit);
        (void)in.skip_value();
        in.finish();
    });
    fuzz::require(read == skipped, "what can be read can be skipped, and the other way round");
    json::value theirs;
    bool const taken = read_with_boost(text, theirs);
    if (taken && !read && has_long_exponent(text)) return 0;
    fuzz::require(read == taken, "Boost.JSON takes it too, or refuses it too");
    if (read) fuzz::require(json::serialize(ours) == json::serialize(theirs), "Boost.JSON reads the same");
    return 0;
}
