#ifndef DYNASIO_HTTP_TRAFFIC_HPP
#define DYNASIO_HTTP_TRAFFIC_HPP

namespace dynasio::http {

/// What a request belongs to, when requests wait for a connection.
///
/// A request of its own is served before those that are many of one piece of work: it waits for one of the requests in
/// flight, whatever the number of fan-out requests before it. When both wait all the time they take turns, so that
/// neither starves the other. Within a class, first come is first served.
enum class traffic : unsigned char {
    single, ///< Somebody waits for this very answer.
    fan_out ///< One of many that only count together: graph loads, batches of many chunks, parallel scans.
};

} // namespace dynasio::http

#endif
