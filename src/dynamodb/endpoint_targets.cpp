#include "endpoint_targets.hpp"

#include <dynasio/http/url.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/version.hpp>

#include <algorithm>
#include <utility>

#include "call.hpp"

namespace dynasio::dynamodb::detail {

namespace {

/// Whether any JSON string in `body` begins with "arn:". It examines every byte of every request, so it processes
/// blocks of a fixed size without early exit, which the compiler vectorises.
bool has_arn(std::string_view body) noexcept {
    constexpr std::string_view start = "\"arn:";
    constexpr std::size_t block = 64;
    char const* at = body.data();
    std::size_t left = body.size();
    for (; left >= block + start.size(); at += block, left -= block) {
        unsigned char found = 0;
        for (std::size_t i = 0; i != block; ++i)
            found = static_cast<unsigned char>(found | ((at[i] == '"') & (at[i + 1] == 'a') & (at[i + 2] == 'r') &
                                                        (at[i + 3] == 'n') & (at[i + 4] == ':')));
        if (found != 0) return true;
    }
    return std::string_view(at, left).find(start) != std::string_view::npos;
}

} // namespace

endpoint_target::endpoint_target(boost::asio::any_io_executor const& executor, std::string endpoint,
                                 http::pool_options const& options, std::string const& signing_region,
                                 std::string const& app_id)
    : url(std::move(endpoint)), pool(http::connection_pool::create(executor, http::url::parse(url), options)),
      signer(signing_region, "dynamodb") {
    authority = pool->endpoint().authority();
    path = pool->endpoint().path;
    fixed_head = "POST " + path + " HTTP/1.1\r\nHost: " + authority + "\r\nContent-Type: ";
    fixed_head += content_type;
    fixed_head += "\r\nUser-Agent: dynasio/";
    fixed_head += version_text;
    if (!app_id.empty()) fixed_head.append(" app/").append(app_id);
    fixed_head += "\r\nAccept-Encoding: identity\r\nX-Amz-Target: ";
    aws::header_view const headers[] = {{"content-type", content_type}, {"host", authority}};
    aws::signable_request common;
    common.path = path;
    common.headers = headers;
    signer.prepare(common, "x-amz-target");
}

endpoint_targets::endpoint_targets(boost::asio::any_io_executor executor, resolved_options const& resolved)
    : executor_(std::move(executor)), options_(resolved.options.pool), region_(resolved.options.region),
      signing_region_(resolved.signing_region), app_id_(resolved.options.app_id),
      use_dual_stack_(resolved.options.use_dual_stack.value_or(false)),
      mode_(resolved.options.account_id_endpoint_mode.value_or(account_endpoint_mode::disabled)),
      by_account_(resolved.by_account),
      regional_(std::make_unique<endpoint_target>(executor_, resolved.options.endpoint, options_, signing_region_,
                                                  app_id_)) {}

endpoint_target& endpoint_targets::choose(credential_cache const& credentials, std::string_view operation,
                                          std::string_view body) {
    endpoint_parameters p;
    p.region = region_;
    p.use_dual_stack = use_dual_stack_;
    p.account_mode = mode_;
    std::string const& account = credentials.current().account_id;
    if (!account.empty()) p.account_id = account;
    // Only requests that name a resource by its ARN are parsed. Names of tables have no colon, so nearly no request is.
    if (has_arn(body)) [[unlikely]] {
        named_resources const resources = resources_of(operation, body);
        if (resources.one.starts_with("arn:") || resources.first_listed.starts_with("arn:")) {
            p.resource_arn = resources.one;
            p.first_listed_arn = resources.first_listed;
            return target_for(p);
        }
    }
    if (home_ == nullptr || home_generation_ != credentials.generation()) {
        home_ = &target_for(p);
        home_generation_ = credentials.generation();
    }
    return *home_;
}

endpoint_target& endpoint_targets::target_for(endpoint_parameters const& p) {
    endpoint_choice choice = choose_endpoint(p);
    if (choice.refusal) throw_error(errc::invalid_configuration, std::string(explain(*choice.refusal)));
    if (!choice.of_account) return *regional_;
    auto const found =
        std::find_if(accounts_.begin(), accounts_.end(), [&](auto const& one) { return one->url == choice.url; });
    if (found != accounts_.end()) return **found;
    if (accounts_.size() == max_accounts) {
        if (mode_ != account_endpoint_mode::required) return *regional_;
        throw_error(errc::invalid_configuration,
                    "account_id_endpoint_mode: required, but one client serves at most 64 accounts; use preferred, or "
                    "further clients");
    }
    auto made = std::make_unique<endpoint_target>(executor_, std::move(choice.url), options_, signing_region_, app_id_);
    if (closed_) made->pool->close();
    accounts_.push_back(std::move(made));
    return *accounts_.back();
}

void endpoint_targets::notice_fork() { http::detail::pending_exchange::notice_fork(*regional_->pool); }

void endpoint_targets::close() noexcept {
    closed_ = true;
    regional_->pool->close();
    for (auto const& one : accounts_) one->pool->close();
}

http::pool_statistics endpoint_targets::statistics() const noexcept {
    http::pool_statistics sum = regional_->pool->statistics();
    for (auto const& one : accounts_) sum += one->pool->statistics();
    return sum;
}

} // namespace dynasio::dynamodb::detail
