#ifndef DYNASIO_DYNAMODB_HEDGING_HPP
#define DYNASIO_DYNAMODB_HEDGING_HPP

#include <chrono>

namespace dynasio {

/// Hedged reads: a read that takes longer than most is sent a second time, on another connection; the first good answer
/// wins and the other request is cancelled, which closes its connection. Cuts the tail of latency for the price of a
/// few more requests and connections. Never for writes, PartiQL statements and operations on tables themselves.
///
/// A second request is only sent when the budget has one left, nothing waits in the pool's queue, the pool has a
/// connection to give, and no table or index of the request throttles.
struct hedging_options {
    bool enabled = false;
    /// The second request leaves when the first one has taken longer than this part of the same operation's latest
    /// reads. 0 to 1.
    double percentile = 0.95;
    /// Second requests per read, over all operations of the client. 0 to 1.
    double budget = 0.05;
    /// Second requests that may be saved up while none is needed. 0 to 1000000.
    double burst = 10;
    /// Reads of an operation before the first second request: latencies have to be known.
    unsigned min_samples = 100;
    /// No second request before that.
    std::chrono::microseconds min_delay{1'000};
};

} // namespace dynasio

#endif
