#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/detail/response_reader.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <tuple>

#include "completion.hpp"
#include "pool_state.hpp"

namespace dynasio::http {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace detail {
namespace {

// A connection used so recently is taken on trust: the look at it would cost more than the rare resend.
constexpr std::chrono::seconds trusted_while_idle{1};
// Up to this size a TLS request is copied together, so that it leaves as one record.
constexpr std::size_t max_tls_copy = 16 * 1024;

/// The slot of an exchange, and its connection once there is one.
class lease {
public:
    explicit lease(pool_state& pool) noexcept : pool_(pool) {}
    ~lease() {
        // A connection that was got and not used is as good as before.
        if (made && !dirty && made->is_open()) return keep();
        made.reset();
        if (slot) pool_.give_up_slot();
    }
    lease(lease const&) = delete;
    lease& operator=(lease const&) = delete;

    void keep() noexcept {
        slot = false;
        pool_.give_back(std::move(made));
    }

    std::unique_ptr<connection> made{};
    bool slot = false;
    bool dirty = false; ///< Something was begun on `made`.

private:
    pool_state& pool_;
};

/// A place in the queue. What was granted and not taken goes on to the next.
class queue_place {
public:
    explicit queue_place(pool_state& pool) : node(pool.executor), pool_(pool) { pool_.waiting.push_back(node); }
    ~queue_place() {
        if (node.is_linked()) pool_.waiting.erase(pool_.waiting.iterator_to(node));
        if (node.given) {
            pool_.give_back(std::move(node.given));
        } else if (node.may_open) {
            pool_.give_up_slot();
        }
    }
    queue_place(queue_place const&) = delete;
    queue_place& operator=(queue_place const&) = delete;

    waiter node;

private:
    pool_state& pool_;
};

/// A coroutine of its own: the frame of an exchange that need not wait stays small.
asio::awaitable<void> wait_turn(pool_state& pool, operation& self, lease& held) {
    queue_place place(pool);
    parking parked(self, place.node.wake);
    auto woken = place.node.wake.async_wait(completion);
    co_await std::move(woken);
    held.made = std::move(place.node.given);
    held.slot = held.made || std::exchange(place.node.may_open, false);
}

std::string lost_message(pool_state const& pool, error_code ec, std::string_view what) {
    std::string text = "The connection to " + pool.where + " was lost: ";
    text += what;
    if (ec && ec != asio::error::eof) text.append(" (").append(ec.message()).append(")");
    return text += '.';
}

/// `second` after `first`, less what was written already.
std::array<asio::const_buffer, 2> rest_of(request_view const& request, std::size_t written) {
    asio::const_buffer head(request.head.data(), request.head.size());
    asio::const_buffer body(request.body.data(), request.body.size());
    auto const from_head = std::min(written, head.size());
    head += from_head;
    body += written - from_head;
    return {head, body};
}

asio::awaitable<exchange_result> exchange(std::shared_ptr<pool_state> pool, request_view request, deadline& until) {
    exchange_result result;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    operation self(until);
    pool->operations.push_back(self);
    lease held(*pool);
    auto const stop = [&](std::string_view doing) {
        result.code = pool->stopped(self, cancellation);
        if (result.code) result.message = pool->stopped_message(result.code, doing);
        return result.code.failed();
    };

    for (bool resent = false;; resent = true) {
        // A connection.
        if (stop("waiting for a connection to")) break;
        if (!resent) {
            held.made = pool->take_idle(!request.repeatable);
            held.slot = held.made || pool->take_slot();
            if (!held.slot) {
                if (pool->waiting.size() >= pool->options.max_waiting) {
                    result.code = errc::pool_exhausted;
                    result.message = std::to_string(pool->waiting.size()) + " operations wait for a connection to " +
                                     pool->where + " already (pool_options::max_waiting). Send fewer at once.";
                    break;
                }
                co_await wait_turn(*pool, self, held);
                if (stop("waiting for a connection to")) break;
            }
        }
        if (!held.made) {
            auto made = co_await connect(pool, self);
            if (made.code) {
                result.code = made.code;
                result.message = std::move(made.message);
                break;
            }
            held.made = std::move(made.made);
        }
        connection& io = *held.made;
        self.io = &io;
        bool const reused = io.used;
        error_code write_error;
        bool wrote = false; // something, on this connection

        // The request.
        if (stop("sending the request to")) break;
        held.dirty = io.used = true;
        ++pool->counters.exchanges;
        if (auto* const tls = io.tls()) {
            std::array<asio::const_buffer, 2> parts = rest_of(request, 0);
            if (parts[0].size() + parts[1].size() <= max_tls_copy) {
                auto& together = io.tls_buffer();
                together.assign(request.head.begin(), request.head.end());
                together.insert(together.end(), request.body.begin(), request.body.end());
                parts[0] = asio::buffer(together);
                parts[1] = {};
            }
            // Part of what a failed write was given may have left: the stream does not tell.
            wrote = result.sent = true;
            for (std::size_t i = 0; i < parts.size() && !write_error && !result.code;) {
                if (parts[i].size() == 0) {
                    ++i;
                    continue;
                }
                auto writing = tls->async_write_some(parts[i], completion);
                std::size_t n = 0;
                std::tie(write_error, n) = co_await std::move(writing);
                pool->counters.bytes_sent += n;
                parts[i] += n;
                if (parts[i].size() != 0 || i + 1 < parts.size()) stop("sending the request to");
            }
        } else {
            auto const size = request.head.size() + request.body.size();
            // The socket's buffer is nearly always free: no need to ask the reactor first.
            std::size_t written = io.socket().write_some(rest_of(request, 0), write_error);
            if (write_error == asio::error::would_block || write_error == asio::error::try_again) write_error = {};
            while (written < size && !write_error) {
                auto const rest = rest_of(request, written);
                auto writing = io.socket().async_write_some(rest, completion);
                std::size_t n = 0;
                std::tie(write_error, n) = co_await std::move(writing);
                written += n;
                if (written < size && stop("sending the request to")) break;
            }
            pool->counters.bytes_sent += written;
            wrote = written > 0;
            result.sent = result.sent || wrote;
        }
        if (result.code) break;
        if (write_error && stop("sending the request to")) break;

        // The answer. Also after a failed write: a server that refuses a request may answer and hang up while it is
        // sent.
        detail::response_reader reader(pool->storages->take(), pool->options.max_head_bytes,
                                       pool->options.max_body_bytes);
        auto progress = response_reader::progress::need_more;
        error_code read_error;
        while (progress == response_reader::progress::need_more && (wrote || !write_error)) {
            auto const room = reader.prepare();
            auto const into = asio::mutable_buffer(room.data(), room.size());
            std::size_t n = 0;
            if (auto* const tls = io.tls()) {
                auto reading = tls->async_read_some(into, completion);
                std::tie(read_error, n) = co_await std::move(reading);
            } else {
                auto reading = io.socket().async_read_some(into, completion);
                std::tie(read_error, n) = co_await std::move(reading);
            }
            pool->counters.bytes_received += n;
            progress = reader.commit(n);
            if (progress != response_reader::progress::need_more) break;
            if (stop("waiting for the answer of")) break;
            if (read_error == asio::error::eof) {
                progress = reader.commit_eof();
            } else if (read_error) {
                break;
            }
        }
        if (progress == response_reader::progress::done) {
            result.answer = reader.take(pool->storages);
            self.io = nullptr;
            if (reader.keep_alive() && !write_error && io.is_open()) held.keep();
            break;
        }
        pool->storages->give_back(reader.release());
        if (result.code) break;

        bool const malformed = progress == response_reader::progress::failed &&
                               reader.error() != make_error_code(transport_errc::connection_lost);
        if (malformed) {
            result.code = reader.error();
            result.message = "From " + pool->where + ": " + reader.reason() + '.';
            break;
        }
        self.io = nullptr;
        held.made.reset();
        held.dirty = false;
        if (reused && !resent && !reader.started() && (request.repeatable || !wrote)) {
            ++pool->counters.resends;
            continue;
        }
        result.code = transport_errc::connection_lost;
        result.message = progress == response_reader::progress::failed
                             ? lost_message(*pool, write_error, reader.reason())
                             : lost_message(*pool, read_error ? read_error : write_error,
                                            reader.started() ? "the answer broke off" : "no answer came");
        break;
    }
    co_return std::move(result);
}

} // namespace

pool_state::pool_state(asio::any_io_executor ex, url to, pool_options opts)
    : executor(std::move(ex)), endpoint(std::move(to)), options(std::move(opts)),
      where(endpoint.host.find(':') == std::string::npos ? endpoint.host : '[' + endpoint.host + ']'),
      storages(std::make_shared<storage_pool>(std::min<std::size_t>(options.max_connections, 256))) {
    where += ':' + std::to_string(endpoint.port);
    error_code ec;
    auto const address = asio::ip::make_address(endpoint.host, ec);
    if (!ec) literal.emplace(address, endpoint.port);
    idle.reserve(std::min<std::size_t>(options.max_connections, 1024));
}

pool_state::~pool_state() = default;

std::unique_ptr<connection> pool_state::take_idle(bool check) noexcept {
    if (idle.empty()) return nullptr;
    auto const now = clock::now();
    while (!idle.empty()) {
        auto c = std::move(idle.back());
        idle.pop_back();
        auto const age = now - c->idle_since;
        bool const look = check || age >= trusted_while_idle;
        if (age < options.idle_lifetime && !(look && c->is_stale())) return c;
        --counters.open;
    }
    return nullptr;
}

bool pool_state::take_slot() noexcept {
    if (counters.open >= options.max_connections) return false;
    ++counters.open;
    return true;
}

void pool_state::give_back(std::unique_ptr<connection> c) noexcept {
    if (closed) {
        c.reset();
        return give_up_slot();
    }
    if (!waiting.empty()) {
        waiter& next = waiting.front();
        waiting.pop_front();
        next.given = std::move(c);
        next.wake.cancel();
        return;
    }
    auto const now = clock::now();
    c->idle_since = now;
    try {
        idle.push_back(std::move(c));
    } catch (...) { // c is as it was
        c.reset();
        return give_up_slot();
    }
    // Those at the front are not taken while fewer suffice: they would stay open for ever.
    if (now - idle.front()->idle_since >= options.idle_lifetime) {
        idle.erase(idle.begin());
        --counters.open;
    }
}

void pool_state::give_up_slot() noexcept {
    if (closed || waiting.empty()) {
        --counters.open;
        return;
    }
    waiter& next = waiting.front();
    waiting.pop_front();
    next.may_open = true;
    next.wake.cancel();
}

void pool_state::close() noexcept {
    if (std::exchange(closed, true)) return;
    counters.open -= idle.size();
    idle.clear();
    for (auto& op : operations) op.interrupt();
}

std::string pool_state::stopped_message(error_code code, std::string_view doing) const {
    std::string text = code == make_error_code(errc::client_closed)       ? "The client was closed while "
                       : code == make_error_code(errc::deadline_exceeded) ? "The deadline passed while "
                                                                          : "Cancelled while ";
    text.append(doing).append(" ").append(where).append(".");
    return text;
}

} // namespace detail

struct connection_pool::state : detail::pool_state {
    using pool_state::pool_state;
};

std::shared_ptr<connection_pool> connection_pool::create(asio::any_io_executor executor, url endpoint,
                                                         pool_options options) {
    if (options.max_connections == 0)
        throw_error(errc::invalid_configuration, "pool_options::max_connections is 0: no request could ever be sent.");
    auto shared = std::make_shared<state>(std::move(executor), std::move(endpoint), std::move(options));
    return std::shared_ptr<connection_pool>(new connection_pool(std::move(shared)));
}

connection_pool::connection_pool(std::shared_ptr<state> s) noexcept : state_(std::move(s)) {}

connection_pool::~connection_pool() { state_->close(); }

asio::awaitable<exchange_result> connection_pool::exchange(request_view request, deadline& until) {
    return detail::exchange(state_, request, until);
}

void connection_pool::close() noexcept { state_->close(); }

pool_statistics connection_pool::statistics() const noexcept {
    auto result = state_->counters;
    result.idle = state_->idle.size();
    result.waiting = state_->waiting.size();
    return result;
}

url const& connection_pool::endpoint() const noexcept { return state_->endpoint; }
pool_options const& connection_pool::options() const noexcept { return state_->options; }

} // namespace dynasio::http
