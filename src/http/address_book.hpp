#ifndef DYNASIO_SRC_HTTP_ADDRESS_BOOK_HPP
#define DYNASIO_SRC_HTTP_ADDRESS_BOOK_HPP

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <vector>

namespace dynasio::http::detail {

/// The addresses of one host name: how long a look-up's answer counts, and the order in which each new connection tries
/// them. No I/O.
///
/// getaddrinfo() hides the time to live of the records, so that an interval of our own takes its place; what the system
/// caches is still the system's. An older answer is better than none: it is kept until a newer one comes.
class address_book {
public:
    using clock = std::chrono::steady_clock;
    using endpoint = boost::asio::ip::tcp::endpoint;

    /// After a look-up failed the older answer counts for so long, and a broken address comes last for so long.
    static constexpr std::chrono::seconds after_failed_lookup{1};
    static constexpr std::chrono::seconds broken_for{30};

    explicit address_book(clock::duration refresh) noexcept : refresh_(refresh) {}

    /// There are addresses, and it is not yet time to look them up again.
    [[nodiscard]] bool fresh(clock::time_point now) const noexcept { return !empty() && now < fresh_until_; }
    [[nodiscard]] bool empty() const noexcept { return addresses_.empty(); }

    /// What a look-up found, in the order of preference (RFC 6724) that getaddrinfo() gives.
    void learn(std::vector<endpoint> const& found, clock::time_point now);
    void lookup_failed(clock::time_point now) noexcept;
    /// None of the addresses worked: look them up before they are tried again.
    void doubt() noexcept { fresh_until_ = {}; }
    /// A connection to this address failed, or worked.
    void failed(endpoint const& address, clock::time_point now) noexcept;
    void worked(endpoint const& address) noexcept;

    /// All addresses in the order in which a new connection tries them: the families alternate, the preferred one first
    /// (RFC 8305, 4); within a family each connection begins with another address; broken ones come last.
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
