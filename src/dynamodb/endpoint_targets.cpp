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
      streams_options_(resolved.streams_pool), streams_endpoint_(resolved.options.streams_endpoint),
      signing_region_(resolved.signing_region), app_id_(resolved.options.app_id),
      use_fips_(resolved.options.use_fips.value_or(false)),
      use_dual_stack_(resolved.options.use_dual_stack.value_or(false)),
      mode_(resolved.options.account_id_endpoint_mode.value_or(account_endpoint_mode::disabled)),
      by_account_(resolved.by_account), streams_by_account_(resolved.streams_by_account),
      regional_(std::make_unique<endpoint_target>(executor_, resolved.options.endpoint, options_, signing_region_,
                                                  app_id_)) {}

endpoint_target& endpoint_targets::streams() {
    if (streams_endpoint_ == regional_->url) return *regional_;
    if (!streams_) {
        streams_ =
            std::make_unique<endpoint_target>(executor_, streams_endpoint_, streams_options_, signing_region_, app_id_);
        if (closed_) streams_->pool->close();
    }
    return *streams_;
}

endpoint_target& endpoint_targets::choose(credential_cache const& credentials, operation op, std::string_view body) {
    endpoint_parameters p;
    p.streams = is_of_streams(op);
    p.use_fips = use_fips_;
    p.region = region_;
    p.use_dual_stack = use_dual_stack_;
    p.account_mode = mode_;
    std::string const& account = credentials.current().account_id;
    if (!account.empty()) p.account_id = account;
    // Only requests that name a resource by its ARN are parsed. Names of tables have no colon, so nearly no request is.
    if (has_arn(body)) [[unlikely]] {
        named_resources const resources = resources_of(to_string(op), body);
        if (resources.one.starts_with("arn:") || resources.first_listed.starts_with("arn:")) {
            p.resource_arn = resources.one;
            p.first_listed_arn = resources.first_listed;
            return target_for(p);
        }
    }
    if (p.streams) return target_for(p);
    if (home_ == nullptr || home_generation_ != credentials.generation()) {
        home_ = &target_for(p);
        home_generation_ = credentials.generation();
    }
    return *home_;
}

endpoint_target& endpoint_targets::target_for(endpoint_parameters const& p) {
    endpoint_choice choice = choose_endpoint(p);
    if (choice.refusal) throw_error(errc::invalid_configuration, std::string(explain(*choice.refusal)));
    endpoint_target& regional = p.streams ? streams() : *regional_;
    if (!choice.of_account) return regional;
    auto const found =
        std::find_if(accounts_.begin(), accounts_.end(), [&](auto const& one) { return one->url == choice.url; });
    if (found != accounts_.end()) return **found;
    if (accounts_.size() == max_accounts) {
        if (mode_ != account_endpoint_mode::required) return regional;
        throw_error(errc::invalid_configuration,
                    "account_id_endpoint_mode: required, but one client serves at most 64 accounts; use preferred, or "
                    "further clients");
    }
    auto const& options = p.streams ? streams_options_ : options_;
    auto made = std::make_unique<endpoint_target>(executor_, std::move(choice.url), options, signing_region_, app_id_);
    if (closed_) made->pool->close();
    accounts_.push_back(std::move(made));
    return *accounts_.back();
}

void endpoint_targets::notice_fork() { http::detail::pending_exchange::notice_fork(*regional_->pool); }

template <class Use> void endpoint_targets::each_target(Use const& use) const {
    use(*regional_);
    if (streams_) use(*streams_);
    for (auto const& one : accounts_) use(*one);
}

void endpoint_targets::close() noexcept {
    closed_ = true;
    each_target([](endpoint_target const& one) { one.pool->close(); });
}

http::pool_statistics endpoint_targets::statistics() const noexcept {
    http::pool_statistics sum;
    each_target([&](endpoint_target const& one) { sum += one.pool->statistics(); });
    return sum;
}

} // namespace dynasio::dynamodb::detail
