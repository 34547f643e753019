#ifndef DYNASIO_TESTING_FAULT_KINDS_HPP
#define DYNASIO_TESTING_FAULT_KINDS_HPP

#include <cstdint>

namespace dynasio::testing {

/// When the connection is lost.
enum class drop_time : std::uint8_t {
    before_forwarding, ///< The upstream never sees the request.
    after_forwarding,  ///< The upstream has carried the request out; its answer is thrown away.
};

/// Where an answer ends too early.
enum class cut_point : std::uint8_t {
    in_head,    ///< In the middle of its headers.
    after_head, ///< Behind the empty line, before the first byte of the body.
    in_body,    ///< In the middle of its body.
};

/// What comes without end, until the client closes the connection.
enum class endless_part : std::uint8_t {
    interim_answers, ///< 100 Continue, again and again.
    headers,
    chunks, ///< Of a chunked body.
    body,   ///< Without Content-Length: a body that only the end of the connection would end.
};

/// What goes wrong with a connection before any request is read on it.
enum class connection_fault : std::uint8_t {
    close,         ///< Closed as soon as it is accepted.
    hold,          ///< Accepted, and then nothing: neither handshake nor answer.
    cut_handshake, ///< Closed when the client's first bytes (with TLS its ClientHello) have come.
    reset,         ///< The same with a TCP reset.
    // Only of an endpoint that speaks TLS; each is a good connection but for its certificate.
    self_signed, ///< No authority vouches for it.
    expired,
    wrong_host, ///< It is for another host name.
};

} // namespace dynasio::testing

#endif
