#ifndef DYNASIO_DYNAMODB_LOG_OBSERVER_HPP
#define DYNASIO_DYNAMODB_LOG_OBSERVER_HPP

#include <dynasio/dynamodb/observer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace dynasio {

enum class log_level : std::uint8_t {
    debug,   ///< Every attempt, connection and fetch of credentials.
    info,    ///< The end of every call, hedges, waits for throttled resources.
    warning, ///< Retries, failed attempts and connections, relations that are read one entity at a time.
    error    ///< Calls and fetches of credentials that failed.
};

[[nodiscard]] std::string_view to_string(log_level level) noexcept; ///< "debug", …

/// Receives one line without its line end; the view is valid during the call. Exceptions that it throws are dropped. It
/// is called on the client's executor, so it must not block.
using log_sink = std::function<void(log_level, std::string_view line)>;

/// An observer that writes one line for each event of at least level `least`: `call 17 GetItem table=users ok
/// attempts=1 took=1.204ms`. Untrusted text is escaped and cut, so that it cannot break a line. No line contains keys,
/// values, messages or secrets.
///
///     client_options options;
///     options.observer = make_log_observer(log_level::warning, [](log_level, std::string_view line) {
///         std::clog << line << '\n';
///     });
///
/// One observer may serve several clients if `sink` can be called by their threads; the lines of all clients but the
/// first then have `client=`, because each client counts its calls from 1.
[[nodiscard]] std::shared_ptr<observer> make_log_observer(log_level least, log_sink sink);

} // namespace dynasio

#endif
