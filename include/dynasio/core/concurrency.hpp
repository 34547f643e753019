#ifndef DYNASIO_CORE_CONCURRENCY_HPP
#define DYNASIO_CORE_CONCURRENCY_HPP

#include <cstddef>

namespace dynasio {

/// At most this many of a thing's parts are under way at a time: of an ORM operation its requests, where the default is
/// the largest number of connections of the client's pool; of when_all() its operations. concurrency(0) is
/// errc::invalid_argument.
class concurrency {
public:
    explicit constexpr concurrency(std::size_t n) noexcept : n_(n) {}
    [[nodiscard]] constexpr std::size_t value() const noexcept { return n_; }

private:
    std::size_t n_;
};

namespace dsl {

using dynasio::concurrency;

} // namespace dsl

} // namespace dynasio

#endif
