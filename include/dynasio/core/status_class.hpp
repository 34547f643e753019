#ifndef DYNASIO_CORE_STATUS_CLASS_HPP
#define DYNASIO_CORE_STATUS_CLASS_HPP

#include <dynasio/core/error.hpp>

namespace dynasio {

/// What an error means for somebody who serves requests of others with the help of this library.
enum class error_class {
    retry_later, ///< Nothing is wrong with the request: the service, the network or this process is short of something.
    not_found,   ///< What the request names does not exist.
    conflict,    ///< The request contradicts what is stored, or what others do at the same time.
    bad_input,   ///< The request has a value that DynamoDB or the library refuses.
    too_large,   ///< The request or its answer exceeds a limit of size.
    no_permission, ///< The service refuses the credentials of this process.
    bug,           ///< The program, its configuration, its tables or the stored items do not fit together.
    cancelled,     ///< The program itself cancelled the operation.
};

/// The class of an error code, whatever operation it ended. Codes of other categories are error_class::bug.
///
/// A missing table is a bug and not `not_found`: whoever asks for an item must not conclude from it that the item is
/// gone. A write whose diagnostics::outcome_unknown is set may have happened in spite of `retry_later`.
[[nodiscard]] error_class status_class(error_code code) noexcept;

/// The status of HTTP with which a server usually answers: 503, 404, 409, 400, 413, 500 and 499, in the order of the
/// words. The class no_permission gives 500, because it is this process that lacks the permission and not its client.
[[nodiscard]] unsigned http_status(error_class c) noexcept;

} // namespace dynasio

#endif
