// Conditions as text, of any bytes: what is read can be written for the service, and is read again as the same.

#include <dynasio/dynamodb/detail/condition_text.hpp>

#include <string>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace dynasio;
    using dynamodb::condition;
    std::string const text(fuzz::text_of(data, size));
    dynamodb::detail::condition_values values;
    for (std::size_t i = 0; i < 40; ++i)
        values.positional.push_back(i % 3 == 2 ? R"({"S":"N"})" : R"({"N":")" + std::to_string(i) + R"("})");
    values.named = {{"a", R"({"N":"1"})"}, {"b", R"({"S":"S"})"}, {"c", R"({"BOOL":true})"}};
    // Values that are not used are a mistake, so as many are given as there are places.
    std::size_t places = 0;
    for (char const c : text) places += c == '?' ? 1u : 0u;
    if (places < values.positional.size()) values.positional.resize(places);
    std::erase_if(values.named, [&](auto const& one) { return text.find(':' + one.first) == std::string::npos; });
    std::size_t judged = 0;
    condition read;
    auto const count = [&](condition const& one, bool) {
        ++judged;
        fuzz::require(!one.attribute().empty(), "a comparison is about an attribute");
        return std::string();
    };
    if (!fuzz::succeeds({errc::invalid_argument},
                        [&] { read = dynamodb::detail::parse_condition(text, values, count); }))
        return 0;
    fuzz::require(judged > 0 && !read.is_always(), "a text has a condition");
    (void)to_string(read);
    (void)read.matches([](std::string_view) { return std::string_view(); });
    (void)fuzz::succeeds({errc::invalid_argument}, [&] {
        dynamodb::expression_writer writer;
        (void)writer.write(read);
    });
    return 0;
}
