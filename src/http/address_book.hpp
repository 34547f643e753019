#ifndef DYNASIO_SRC_HTTP_ADDRESS_BOOK_HPP
#define DYNASIO_SRC_HTTP_ADDRESS_BOOK_HPP

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

namespace dynasio::http::detail {

/// The addresses of one host name: decides how long the result of a look-up is used, and in which order each new
/// connection tries the addresses. Does no I/O.
///
/// getaddrinfo() does not return the records' time to live, so a fixed interval is used instead; the system may cache
/// for longer. An older result is kept until a newer one arrives, because old addresses are better than none.
class address_book {
public:
    using clock = std::chrono::steady_clock;
    using endpoint = boost::asio::ip::tcp::endpoint;

    /// How long the older result is used after a look-up failed, and how long an address that failed is tried last.
    static constexpr std::chrono::seconds after_failed_lookup{1};
    static constexpr std::chrono::seconds broken_for{30};

    explicit address_book(clock::duration refresh) noexcept : refresh_(refresh) {}

    /// Whether there are addresses that need not be looked up again yet.
    [[nodiscard]] bool fresh(clock::time_point now) const noexcept { return !empty() && now < fresh_until_; }
    [[nodiscard]] bool empty() const noexcept { return addresses_.empty(); }

    /// Stores the result of a look-up, in the order of preference (RFC 6724) that getaddrinfo() gives.
    void learn(std::vector<endpoint> const& found, clock::time_point now);
    void lookup_failed(clock::time_point now) noexcept;
    /// None of the addresses worked, so they are looked up before they are tried again.
    void doubt() noexcept { fresh_until_ = {}; }
    /// A connection to this address failed, or worked.
    void failed(endpoint const& address, clock::time_point now) noexcept;
    void worked(endpoint const& address) noexcept;

    /// All addresses in the order in which a new connection tries them: the families alternate, the preferred one first
    /// (RFC 8305, 4); within a family each connection begins with another address; addresses that failed recently come
    /// last.
    [[nodiscard]] std::vector<endpoint> next(clock::time_point now);

private:
    struct known {
        endpoint address;
        clock::time_point broken_until{};
    };

    std::vector<known> addresses_{};
    clock::duration refresh_;
    clock::time_point fresh_until_{};
    std::size_t turn_ = 0;
};

} // namespace dynasio::http::detail

#endif
