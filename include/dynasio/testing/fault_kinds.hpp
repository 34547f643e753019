#ifndef DYNASIO_TESTING_FAULT_KINDS_HPP
#define DYNASIO_TESTING_FAULT_KINDS_HPP

#include <cstdint>

namespace dynasio::testing {

/// When the connection is lost.
enum class drop_time : std::uint8_t {
    before_forwarding, ///< The upstream does not get the request.
    after_forwarding,  ///< The upstream has executed the request; its answer is dropped.
};

/// Where an answer ends too early.
enum class cut_point : std::uint8_t {
    in_head,    ///< In the middle of its headers.
    after_head, ///< After the empty line, before the first byte of the body.
    in_body,    ///< In the middle of its body.
};

/// The part of an answer that is sent without end, until the client closes the connection.
enum class endless_part : std::uint8_t {
    interim_answers, ///< 100 Continue, again and again.
    headers,
    chunks, ///< Chunks of a chunked body.
    body,   ///< A body without Content-Length, which only the end of the connection would end.
};

/// Faults of a connection before any request is read on it.
enum class connection_fault : std::uint8_t {
    close,         ///< Closed as soon as it is accepted.
    hold,          ///< Accepted, but then neither handshake nor answer is sent.
    cut_handshake, ///< Closed when the client's first bytes (with TLS its ClientHello) have arrived.
    reset,         ///< As cut_handshake, but with a TCP reset.
    // The following are for endpoints with TLS. The connection is correct except for its certificate.
    self_signed, ///< Signed by no authority.
    expired,
    wrong_host, ///< Made for another host name.
};

} // namespace dynasio::testing

#endif
