#ifndef DYNASIO_HTTP_TRAFFIC_HPP
#define DYNASIO_HTTP_TRAFFIC_HPP

namespace dynasio::http {

/// The class of a request in the queue for connections.
///
/// A single request is served before fan-out requests: it waits for the end of one request in flight, however many
/// fan-out requests are queued before it. While both classes are waiting they take turns, so that neither starves the
/// other. Within a class, requests are served in the order of arrival.
enum class traffic : unsigned char {
    single, ///< A caller waits for this one answer.
    fan_out ///< One of many requests of one operation: graph loads, batches of many chunks, parallel scans.
};

} // namespace dynasio::http

#endif
