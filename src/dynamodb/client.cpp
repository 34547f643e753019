#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>

#include <utility>

namespace dynasio {

namespace asio = boost::asio;
using dynamodb::detail::engine;

client::client(asio::any_io_executor executor, client_options options)
    : engine_(engine::create(std::move(executor), std::move(options))) {}
client::client(asio::any_io_executor executor) : client(std::move(executor), client_options()) {}

asio::awaitable<void> client::warm_up(call_options const& options) {
    return dynamodb::detail::enter(engine_, engine_->warm_up(options));
}
asio::awaitable<void> client::close() { return close(std::chrono::seconds(30)); }
asio::awaitable<void> client::close_within(std::chrono::nanoseconds grace) { return engine_->close(grace); }
void client::stop() noexcept { engine_->stop(); }
asio::any_io_executor client::get_executor() const noexcept { return engine_->executor(); }
client_options const& client::options() const noexcept { return engine_->options(); }
dynamodb::request_counts const& client::requests() const noexcept { return engine_->counts(); }
std::vector<throttled_resource> client::throttled() const { return engine_->throttled(); }
http::pool_statistics client::connections() const noexcept { return engine_->pool(); }

} // namespace dynasio
