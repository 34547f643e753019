#ifndef DYNASIO_AWS_SHARED_CONFIG_HPP
#define DYNASIO_AWS_SHARED_CONFIG_HPP

#include <dynasio/aws/environment.hpp>

#include <map>
#include <string>
#include <string_view>

namespace dynasio::aws {

/// Properties of one section. Names are in lower case. A value that is continued on further lines has '
/// ' between the lines, and a value that consists of sub-properties begins with '
/// '.
using shared_properties = std::map<std::string, std::string, std::less<>>;

/// The merged content of AWS's two shared files, as every AWS SDK reads them.
struct shared_config {
    std::map<std::string, shared_properties, std::less<>> profiles{};
    std::map<std::string, shared_properties, std::less<>> sso_sessions{};
    std::map<std::string, shared_properties, std::less<>> services{};
};

/// One file to read: its text, and its name for error messages.
struct shared_file {
    std::string_view text{};
    std::string_view name{};
};

/// Where the shared files are. A path is empty when neither its variable nor HOME is set.
struct shared_file_paths {
    std::string config{};
    std::string credentials{};
};

/// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/config and ~/.aws/credentials; a leading "~/" stands
/// for HOME.
[[nodiscard]] shared_file_paths locate_shared_files(environment const& env);

/// `profile` when it is not empty, else AWS_PROFILE, else "default".
[[nodiscard]] std::string select_profile(environment const& env, std::string profile = {});

/// Parses both texts. Does no I/O.
///
/// In the config file a section is "[profile x]" ("[default]" needs no prefix, and counts only if there is no "[profile
/// default]"), "[sso-session x]" or "[services x]"; in the credentials file "[x]". Sections and properties with other
/// names are ignored. A property in both files has the value of the credentials file. Throws
/// errc::invalid_configuration with file and line when a line cannot be understood; the message never quotes the line,
/// which may contain a secret.
[[nodiscard]] shared_config parse_shared_config(shared_file const& config, shared_file const& credentials);

/// Locates, reads and parses the shared files. A file that cannot be opened counts as empty.
[[nodiscard]] shared_config load_shared_config(environment const& env);

} // namespace dynasio::aws

#endif
