#ifndef DYNASIO_DYNAMODB_HEDGING_HPP
#define DYNASIO_DYNAMODB_HEDGING_HPP

#include <chrono>

namespace dynasio {

/// Hedged reads: a read that takes longer than most is sent a second time, on another connection. The first good answer
/// is used and the other request is cancelled, which closes its connection. This shortens the longest latencies at the
/// cost of a few more requests and connections. Writes, PartiQL statements and operations on tables themselves are
/// never hedged.
///
/// A second request is only sent when the budget permits one, no operation waits in the pool's queue, the pool has a
/// free connection or may open one, and no table or index of the request throttles.
struct hedging_options {
    bool enabled = false;
    /// The second request is sent when the first one has taken longer than this fraction of the same operation's recent
    /// reads. 0 to 1.
    double percentile = 0.95;
    /// Number of second requests per read, over all operations of the client. 0 to 1.
    double budget = 0.05;
    /// Number of unused second requests that are saved for later. 0 to 1000000.
    double burst = 10;
    /// Number of reads of an operation before its first second request, so that the usual latency is known.
    unsigned min_samples = 100;
    /// The shortest time after which a second request is sent.
    std::chrono::microseconds min_delay{1'000};
};

} // namespace dynasio

#endif
