// main() of the programs that need no server: what the machine's user has configured for AWS, or for the network, must
// not change what they find.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace {

bool configures_a_client(std::string_view name) {
    if (name.starts_with("DYNASIO_PROPERTY_")) return false; // says which cases tests draw
    for (std::string_view const start : {"AWS_", "DYNAMODB_", "DYNASIO_"})
        if (name.substr(0, start.size()) == start) return true;
    for (std::string_view const whole :
         {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
          "SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "_X_AMZN_TRACE_ID"})
        if (name == whole) return true;
    return false;
}

void forget_configuration() {
    std::vector<std::string> names;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        std::string_view const variable = *at;
        if (auto const name = variable.substr(0, variable.find('=')); configures_a_client(name))
            names.emplace_back(name);
    }
    for (auto const& name : names) ::unsetenv(name.c_str());
    // The files under the home directory are configuration, too.
    ::setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    ::setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
}

} // namespace

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DYNASIO_UNDER_THREAD_SANITIZER
#endif
#elif defined(__SANITIZE_THREAD__)
#define DYNASIO_UNDER_THREAD_SANITIZER
#endif
#if defined(DYNASIO_UNDER_THREAD_SANITIZER)
/// Asio orders the end of a shared executor by a fence, which ThreadSanitizer does not see: who drops the last but one
/// reference seems to race with who deletes. To find the name it needs llvm-symbolizer, or addr2line by
/// TSAN_OPTIONS=external_symbolizer_path.
extern "C" char const* __tsan_default_suppressions() {
    return "race:boost::asio::execution::detail::shared_target_executor\n";
}
#endif

int main(int argc, char** argv) {
    forget_configuration();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
