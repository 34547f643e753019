// AWS's shared files: config and credentials, told apart by a line of '='.

#include <dynasio/aws/shared_config.hpp>

#include <algorithm>
#include <string>

#include "fuzz.hpp"

namespace {

using namespace dynasio;

void check(std::map<std::string, aws::shared_properties, std::less<>> const& sections) {
    for (auto const& [name, properties] : sections) {
        fuzz::require(!name.empty(), "a section has a name");
        for (auto const& [key, value] : properties) {
            fuzz::require(!key.empty(), "a property has a name");
            fuzz::require(std::none_of(key.begin(), key.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
                          "names are in lower case");
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    auto const split = text.find("\n====\n");
    std::string_view const config = text.substr(0, std::min(split, text.size()));
    std::string_view const credentials = split == std::string_view::npos ? text : text.substr(split + 6);
    (void)fuzz::succeeds({errc::invalid_configuration}, [&] {
        auto const read = aws::parse_shared_config({config, "config"}, {credentials, "credentials"});
        check(read.profiles);
        check(read.sso_sessions);
        check(read.services);
    });
    return 0;
}
