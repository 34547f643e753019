// What credentials providers are answered with: STS's XML, and the JSON of metadata services, processes and token
// caches.

#include <dynasio/dynamodb/json.hpp>

#include <algorithm>

#include "aws/json_value.hpp"
#include "aws/xml_texts.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace dynasio;
    using aws::detail::json_value;
    auto const text = fuzz::text_of(data, size);
    if (auto const xml = aws::detail::xml_texts::parse(text)) {
        fuzz::require(!xml->root().empty(), "a document has an outermost element");
        (void)xml->text("AssumeRoleResponse/AssumeRoleResult/Credentials/SecretAccessKey");
    }
    auto const json = json_value::parse(text);
    if (!json) return 0;
    // The other reader takes what this one takes; but for exponents of ten digits.
    bool const taken = fuzz::succeeds({errc::malformed_response, errc::nesting_too_deep}, [&] {
        dynamodb::json_reader in(text);
        (void)in.skip_value();
        in.finish();
    });
    if (!taken) {
        std::size_t digits = 0;
        std::size_t most = 0;
        for (char const c : text) most = std::max(most, digits = c >= '0' && c <= '9' ? digits + 1 : 0);
        fuzz::require(most > 9, "the other reader of JSON takes it too");
    }
    (void)json->string("AccessKeyId");
    (void)json->integer("Version");
    auto const written = json->to_text();
    auto const again = json_value::parse(written);
    fuzz::require(again && again->to_text() == written, "what was written is read again alike");
    return 0;
}
