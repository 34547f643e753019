#ifndef DYNASIO_SRC_DYNAMODB_ENDPOINT_TARGETS_HPP
#define DYNASIO_SRC_DYNAMODB_ENDPOINT_TARGETS_HPP

#include <dynasio/dynamodb/detail/credential_cache.hpp>
#include <dynasio/dynamodb/detail/endpoint.hpp>
#include <dynasio/dynamodb/detail/endpoint_rules.hpp>
#include <dynasio/dynamodb/operation.hpp>

#include <dynasio/http/connection_pool.hpp>

#include <dynasio/aws/sigv4.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::dynamodb::detail {

/// One host that requests go to.
struct endpoint_target {
    endpoint_target(boost::asio::any_io_executor const& executor, std::string endpoint,
                    http::pool_options const& options, std::string const& signing_region, std::string const& app_id);

    std::string url;
    std::string authority;
    std::string path;
    std::string fixed_head; ///< A request's head, up to the name of the operation.
    std::shared_ptr<http::connection_pool> pool;
    aws::signer signer; ///< Prepared for this host.
};

/// Chooses the host of each request of a client. All requests go to one host, unless accounts have their own endpoints.
/// Then the host depends on the credentials' account, which is known once they have been fetched and may change with
/// new ones, and on the ARN by which a request may name its table. Each host is resolved once, and its pool lives as
/// long as the client, so that targets may be kept by reference.
class endpoint_targets {
public:
    /// Number of accounts that get a pool of their own. Requests to further accounts (tables named by ARN) go to the
    /// region's endpoint, which serves all accounts, or fail with errc::invalid_configuration if the mode is
    /// `required`.
    static constexpr std::size_t max_accounts = 64;

    endpoint_targets(boost::asio::any_io_executor executor, resolved_options const& resolved);

    /// The region's endpoint, or the custom one.
    [[nodiscard]] endpoint_target& regional() noexcept { return *regional_; }

    /// The endpoint of the operations of DynamoDB Streams. It is made with its first request, because few clients need
    /// its pool.
    [[nodiscard]] endpoint_target& streams();

    /// Whether the host of the operation depends on the account; else choose() need not be called.
    [[nodiscard]] bool by_account(operation op) const noexcept {
        return is_of_streams(op) ? streams_by_account_ : by_account_;
    }

    /// Throws errc::invalid_configuration when the mode is `required` and no account is known.
    [[nodiscard]] endpoint_target& choose(credential_cache const& credentials, operation op, std::string_view body);

    /// pending_exchange::notice_fork() for all pools, which share one executor.
    void notice_fork();
    void close() noexcept;
    [[nodiscard]] http::pool_statistics statistics() const noexcept; ///< Sum over all pools.

private:
    [[nodiscard]] endpoint_target& target_for(endpoint_parameters const& p);
    template <class Use> void each_target(Use const& use) const;

    boost::asio::any_io_executor executor_;
    http::pool_options options_;
    std::string region_;
    http::pool_options streams_options_;
    std::string streams_endpoint_;
    std::string signing_region_;
    std::string app_id_;
    bool use_fips_;
    bool use_dual_stack_;
    account_endpoint_mode mode_;
    bool by_account_;
    bool streams_by_account_;
    bool closed_ = false;
    std::unique_ptr<endpoint_target> regional_;
    std::unique_ptr<endpoint_target> streams_; ///< Null until it is needed, and when it is regional_.
    std::vector<std::unique_ptr<endpoint_target>> accounts_;
    endpoint_target* home_ = nullptr; ///< The target of the credentials of home_generation_.
    std::uint64_t home_generation_ = 0;
};

} // namespace dynasio::dynamodb::detail

#endif
