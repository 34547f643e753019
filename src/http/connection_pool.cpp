#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/detail/response_reader.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "completion.hpp"
#include "pool_durations.hpp"
#include "pool_state.hpp"

namespace dynasio::http {

pool_statistics& pool_statistics::operator+=(pool_statistics const& other) noexcept {
    open += other.open;
    idle += other.idle;
    waiting += other.waiting;
    connects += other.connects;
    exchanges += other.exchanges;
    resends += other.resends;
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    return *this;
}

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace detail {
namespace {

// A connection that was idle for less than this is not checked before a repeatable request: one system call for each
// request would cost more than the rare resend.
constexpr std::chrono::seconds trusted_while_idle{1};
// A request that must not be sent twice skips the check only if the connection was idle for less than 50 microseconds
// and has carried at least 64 exchanges. A peer that closes connections after an answer, without "Connection: close" in
// it, would have closed this one earlier.
constexpr std::chrono::microseconds trusted_for_writes{50};
constexpr std::uint64_t proved_by_exchanges = 64;
// Up to this size head and body of a TLS request are copied into one buffer, so that they are sent as one record.
constexpr std::size_t max_tls_copy = 16 * 1024;
constexpr std::chrono::seconds pause_after_failed_refill{1};

/// The current time: `known` if the caller has read the clock, otherwise the clock is read.
clock::time_point moment_of(clock::time_point known) noexcept {
    return known == clock::time_point() ? clock::now() : known;
}

/// A place in the queue. The destructor passes a connection that was granted but not taken on to the next waiter.
class queue_place {
public:
    queue_place(pool_state& pool, traffic kind) : node(pool.executor, kind), pool_(pool) { pool_.waiting.push(node); }
    ~queue_place() {
        if (node.is_linked()) pool_.waiting.remove(node);
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

std::string broken_message(pool_state const& pool, response_reader const& reader, bool lost, error_code ec) {
    std::string const peer = pool.options.proxy ? pool.where + " (through " + pool.via + ')' : pool.where;
    if (!lost) return "From " + peer + ": " + reader.reason() + '.';
    std::string text = "The connection to " + peer + " was lost: ";
    if (reader.error()) {
        text += reader.reason();
    } else {
        text += reader.started() ? "the answer broke off" : "no answer came";
        if (ec) text.append(" (").append(ec.message()).append(")");
    }
    return text += '.';
}

/// Head and body without the first `written` bytes.
std::array<asio::const_buffer, 2> rest_of(exchange_state const& x, std::size_t written) {
    asio::const_buffer head(x.head.data(), x.head.size());
    asio::const_buffer body(x.body.data(), x.body.size());
    auto const from_head = std::min(written, head.size());
    head += from_head;
    body += written - from_head;
    return {head, body};
}

/// Writes what the socket accepts without waiting. A single buffer is written by send(), which costs less system time
/// than sendmsg().
std::size_t write_at_once(connection& io, exchange_state const& x, error_code& ec) {
    if (x.body.empty()) return io.socket().write_some(asio::const_buffer(x.head.data(), x.head.size()), ec);
    return io.socket().write_some(rest_of(x, 0), ec);
}

/// Sends the bytes that are not `written` yet: those that write_at_once() left over, or all of them over TLS. This and
/// receive_tls() are coroutines of their own, because the frame of an exchange would otherwise exceed the 1020 bytes up
/// to which Asio recycles frames.
asio::awaitable<error_code> write_rest(exchange_state& x) {
    pool_state& pool = *x.pool;
    connection& io = *x.held->made;
    auto const size = x.head.size() + x.body.size();
    auto* const tls = io.tls();
    auto const together = tls && size <= max_tls_copy;
    // The head may contain a session token, so the copy is wiped.
    struct wipe_at_exit {
        std::vector<char>* copy;
        ~wipe_at_exit() {
            if (copy == nullptr) return;
            ::OPENSSL_cleanse(copy->data(), copy->size());
            copy->clear();
        }
    } const wiping{together ? &io.tls_buffer() : nullptr};
    if (together) {
        auto& copy = io.tls_buffer();
        copy.reserve(size); // a later reallocation would leave the head in freed memory
        copy.assign(x.head.begin(), x.head.end());
        copy.insert(copy.end(), x.body.begin(), x.body.end());
    }
    error_code ec;
    while (x.written < size && !ec) {
        // The caller finds out the reason by calling stop().
        if (pool.stopped(*x.self, *x.cancellation)) co_return asio::error::operation_aborted;
        auto const parts = rest_of(x, x.written);
        std::size_t n = 0;
        if (tls) {
            auto const part = together               ? asio::buffer(io.tls_buffer()) + x.written
                              : parts[0].size() != 0 ? parts[0]
                                                     : parts[1];
            auto writing = tls->async_write_some(asio::const_buffer(part), completion);
            std::tie(ec, n) = co_await std::move(writing);
        } else {
            auto writing = io.socket().async_write_some(parts, completion);
            std::tie(ec, n) = co_await std::move(writing);
        }
        x.written += n;
        pool.counters.bytes_sent += n;
    }
    co_return ec;
}

asio::awaitable<std::tuple<error_code, std::size_t>> receive_tls(connection& io, asio::mutable_buffer into) {
    auto reading = io.tls()->async_read_some(into, completion);
    auto const done = co_await std::move(reading);
    co_return done;
}

/// Writes `head` in absolute form (RFC 9112, 3.2.2) to `out`, with the proxy's authorization.
void address_to_proxy(pool_state const& pool, std::string_view head, std::string& out) {
    auto const target = std::min(head.find(' '), head.size() - 1) + 1;
    auto const line = std::min(head.find("\r\n"), head.size() - 2) + 2;
    auto const authorization = pool.options.proxy.authorization();
    auto const origin = "http://" + pool.endpoint.authority();
    // Growing would leave the secret in freed memory.
    out.reserve(head.size() + origin.size() + authorization.size() + 32);
    out.append(head.substr(0, target)).append(origin).append(head.substr(target, line - target));
    if (!authorization.empty()) out.append("Proxy-Authorization: ").append(authorization).append("\r\n");
    out.append(head.substr(line));
}

void refuse_for_proxy(pool_state const& pool, exchange_result& result) {
    result.code = transport_errc::proxy_authentication;
    result.message = proxy_authentication_message(pool);
    result.answer = response();
}

/// The steps of an exchange that have to wait, after it has its turn and its request.
asio::awaitable<void> drive_on(exchange_state& x) {
    using stage = exchange_state::stage;
    while (x.now != stage::over && x.now != stage::request) {
        if (x.now == stage::connect) {
            if (x.stop("waiting for a connection to")) break;
            auto connecting = connect(x.pool->shared_from_this(), *x.self, x.held->made, x.result);
            co_await std::move(connecting);
            if (x.result.code) {
                x.now = stage::over;
                break;
            }
            x.send_at_once();
        } else if (x.now == stage::write) {
            auto writing = write_rest(x);
            x.write_error = co_await std::move(writing);
            x.wrote = x.wrote || x.written != 0;
            x.sent();
        } else {
            if (x.stop("waiting for the answer of")) break;
            auto const room = x.reader->prepare();
            connection& io = *x.held->made;
            error_code ec;
            std::size_t n = 0;
            if (io.tls()) {
                auto reading = receive_tls(io, asio::mutable_buffer(room.data(), room.size()));
                std::tie(ec, n) = co_await std::move(reading);
            } else {
                auto reading = io.socket().async_read_some(asio::mutable_buffer(room.data(), room.size()), completion);
                std::tie(ec, n) = co_await std::move(reading);
            }
            x.received(ec, n);
        }
    }
}

asio::awaitable<exchange_result> exchange(std::shared_ptr<pool_state> pool, request_view request, deadline& until) {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    exchange_terms terms;
    terms.repeatable = request.repeatable;
    terms.kind = request.kind;
    terms.timeout = request.timeout;
    pending_exchange pending(*pool, terms, until, cancellation);
    if (pending.must_wait()) {
        auto turn = pending.turn();
        co_await std::move(turn);
    }
    while (!pending.is_over()) {
        if (pending.wants_request()) {
            pending.send(request.head, request.body);
        } else {
            auto driving = pending.drive();
            co_await std::move(driving);
        }
    }
    co_return std::move(pending.result());
}

/// Reports the result of one connection to its group and leaves the group, also after an exception.
struct group_member {
    explicit group_member(std::shared_ptr<warming> g) noexcept : group(std::move(g)) {}
    ~group_member() {
        if (!group) return;
        if (code && !group->code) {
            group->code = code;
            group->message = std::move(message);
        }
        if (--group->left == 0) group->done.cancel();
    }
    group_member(group_member const&) = delete;
    group_member& operator=(group_member const&) = delete;

    std::shared_ptr<warming> group;
    error_code code = asio::error::no_memory;
    std::string message{};
};

asio::awaitable<void> open_one(std::shared_ptr<pool_state> pool, std::shared_ptr<warming> group) {
    group_member member(std::move(group));
    exchange_result out;
    {
        operation self;
        pool->operations.push_back(self);
        lease held(*pool);
        held.slot = true;
        auto connecting = connect(pool, self, held.made, out);
        co_await std::move(connecting);
        // The destructor of `held` puts the connection into the pool.
    }
    if (out.code) pool->refill_after = clock::now() + pause_after_failed_refill;
    member.code = out.code;
    member.message = std::move(out.message);
}

asio::awaitable<connection_pool::warm_up_result> warm_up(std::shared_ptr<pool_state> pool, deadline& until) {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    auto const group = std::make_shared<warming>(pool->executor);
    operation self(until);
    pool->operations.push_back(self);
    connection_pool::warm_up_result result;
    result.code = pool->stopped(self, cancellation);
    if (!result.code) {
        open_ahead(pool, std::max<std::size_t>(pool->options.min_connections, 1), group);
        if (group->left != 0) {
            parking parked(self, group->done);
            auto waiting = group->done.async_wait(completion);
            co_await std::move(waiting);
        }
        result.code = group->code;
        result.message = group->message;
        if (group->left != 0) result.code = pool->stopped(self, cancellation);
    }
    if (result.code && result.message.empty()) result.message = pool->stopped_message(result.code, "connecting to");
    co_return result;
}

} // namespace

lease::~lease() {
    // A connection on which nothing was begun can still be used.
    if (made && !dirty && made->is_open()) keep();
    drop(why);
    if (slot) pool_.give_up_slot();
}

void lease::keep() noexcept {
    slot = false;
    pool_.give_back(std::move(made));
}

void lease::drop(close_reason reason) noexcept {
    if (made) pool_.discard(std::move(made), reason);
}

void exchange_state::begin(pool_state& in, exchange_terms const& what, deadline& until,
                           asio::cancellation_state const& awaiting, lease& from) {
    pool = &in;
    cancellation = &awaiting;
    now = stage::request;
    repeatable = what.repeatable;
    large_answer = what.large_answer;
    resent = wrote = false;
    self.emplace(until);
    in.operations.push_back(*self);
    held.emplace(in);
    held->made = std::move(from.made);
    held->slot = std::exchange(from.slot, false);
    if (stop("waiting for a connection to")) return;
    if (what.timeout.count() > 0) {
        auto const moment = moment_of(what.now);
        if (until.at() - moment > what.timeout)
            limit.emplace(*self, moment + std::chrono::duration_cast<clock::duration>(what.timeout));
    }
    if (in.counters.open < in.options.min_connections)
        open_ahead(in.shared_from_this(), in.options.min_connections, nullptr);
}

void exchange_state::end() noexcept {
    if (self) self->io = nullptr; // a listener told of the connection's end may interrupt this operation
    limit.reset();
    reader.reset();
    result = exchange_result();
    forget_proxied();
    held.reset();
    self.reset();
}

void exchange_state::forget_proxied() noexcept {
    if (proxied.empty()) return;
    ::OPENSSL_cleanse(proxied.data(), proxied.size());
    proxied.clear();
}

bool exchange_state::stop(std::string_view doing) {
    result.code = pool->stopped(*self, *cancellation);
    if (!result.code) return false;
    result.message = pool->stopped_message(result.code, doing);
    now = stage::over;
    return true;
}

void exchange_state::send(std::string_view with_head, std::string_view with_body) {
    head = with_head;
    body = with_body;
    if (pool->options.proxy && !pool->endpoint.tls) {
        forget_proxied();
        address_to_proxy(*pool, head, proxied);
        head = proxied;
    }
    if (held->made)
        send_at_once();
    else
        now = stage::connect;
}

void exchange_state::send_at_once() {
    connection& io = *held->made;
    self->io = &io;
    result.reused = io.exchanges != 0;
    if (stop("sending the request to")) return;
    held->dirty = true;
    ++io.exchanges;
    ++pool->counters.exchanges;
    written = 0;
    write_error = {};
    now = stage::write;
    if (io.is_of_another_process()) [[unlikely]] {
        io.close();
        wrote = false;
        write_error = asio::error::connection_aborted;
        return sent();
    }
    // A failed TLS write may have sent part of its data, and the stream does not tell, so the request counts as sent.
    wrote = io.tls() != nullptr;
    if (wrote) return;
    // The socket's buffer nearly always has room, so the write is tried without asking the reactor first.
    written = write_at_once(io, *this, write_error);
    if (write_error == asio::error::would_block || write_error == asio::error::try_again) write_error = {};
    pool->counters.bytes_sent += written;
    wrote = written != 0;
    if (write_error || written == head.size() + body.size()) sent();
}

void exchange_state::sent() {
    result.sent = result.sent || wrote;
    if (write_error && stop("sending the request to")) return;
    reader.emplace(large_answer ? pool->storages->take_large() : pool->storages->take_small(),
                   pool->options.max_head_bytes, pool->options.max_body_bytes);
    now = stage::read;
    if (!wrote && write_error) conclude(response_reader::progress::need_more, {});
}

void exchange_state::received(error_code ec, std::size_t n) {
    pool->counters.bytes_received += n;
    auto progress = reader->commit(n);
    if (progress == response_reader::progress::need_more) {
        if (!ec) return;
        if (!stop("waiting for the answer of") && ec == asio::error::eof) progress = reader->commit_eof();
    }
    conclude(progress, ec);
}

void exchange_state::conclude(response_reader::progress progress, error_code read_error) {
    using progress_type = response_reader::progress;
    connection& io = *held->made;
    now = stage::over;
    if (progress == progress_type::done) {
        result.answer = reader->take();
        if (result.answer.status() == 407 && pool->options.proxy) refuse_for_proxy(*pool, result);
        self->io = nullptr;
        held->why = write_error ? close_reason::error : close_reason::peer;
        if (reader->keep_alive() && !write_error && io.is_open()) held->keep();
        return;
    }
    if (result.code) return;
    bool const lost = progress == progress_type::need_more || reader->error() == transport_errc::connection_lost;
    held->why = lost ? close_reason::peer : close_reason::error;
    if (lost && result.reused && !resent && !reader->started() && (repeatable || !wrote)) {
        ++pool->counters.resends;
        result.resent = result.resent || wrote;
        self->io = nullptr;
        held->drop(close_reason::peer);
        held->dirty = false;
        held->why = close_reason::interrupted;
        resent = true;
        now = stage::request;
        return;
    }
    result.code = lost ? make_error_code(transport_errc::connection_lost) : reader->error();
    result.message = broken_message(*pool, *reader, lost, read_error ? read_error : write_error);
}

pending_exchange::pending_exchange(pool_state& pool, exchange_terms const& terms, deadline& until,
                                   asio::cancellation_state const& cancellation)
    : pool_(pool), terms_(terms), until_(until), cancellation_(cancellation) {
    lease taken(pool);
    bool const stopped = pool.closed || until.expired() || cancellation.cancelled() != asio::cancellation_type::none;
    if (!stopped) {
        taken.made = pool.take_idle(!terms.repeatable, terms.now);
        taken.slot = taken.made || pool.take_slot();
        if (!taken.slot) return;
    }
    state_ = pool.take_exchange();
    state_->begin(pool, terms_, until_, cancellation_, taken);
}

pending_exchange::~pending_exchange() {
    if (!state_) return;
    state_->end();
    pool_.give_back(std::move(state_));
}

asio::awaitable<void> pending_exchange::turn() {
    pool_state& pool = pool_;
    lease granted(pool);
    bool const full = pool.waiting.size() >= pool.options.max_waiting;
    if (!full) {
        auto const since = pool.options.listener ? clock::now() : clock::time_point();
        operation self(until_);
        pool.operations.push_back(self);
        queue_place place(pool, terms_.kind);
        parking parked(self, place.node.wake);
        auto woken = place.node.wake.async_wait(completion);
        co_await std::move(woken);
        granted.made = std::move(place.node.given);
        granted.slot = granted.made || std::exchange(place.node.may_open, false);
        if (pool.options.listener) {
            queue_wait_ended event;
            event.waited = clock::now() - since;
            event.kind = terms_.kind;
            event.served = granted.slot;
            pool.options.listener->on_queue_wait(event);
        }
    }
    terms_.now = {};
    state_ = pool.take_exchange();
    state_->begin(pool, terms_, until_, cancellation_, granted);
    if (!full || is_over()) co_return;
    state_->now = exchange_state::stage::over;
    state_->result.code = errc::pool_exhausted;
    state_->result.message = std::to_string(pool.waiting.size()) + " operations wait for a connection to " +
                             pool.where + " already (pool_options::max_waiting). Send fewer at once.";
}

bool pending_exchange::wants_request() const noexcept { return state_->now == exchange_state::stage::request; }

void pending_exchange::send(std::string_view head, std::string_view body) { state_->send(head, body); }

bool pending_exchange::is_resend() const noexcept { return state_->resent; }

void pending_exchange::give_up() {
    state_->now = exchange_state::stage::over;
    state_->result.code = transport_errc::connection_lost;
    state_->result.message = "The connection to " + pool_.where + " was lost: no answer came.";
}

bool pending_exchange::can_receive() const noexcept {
    return state_->now == exchange_state::stage::read && !state_->held->made->tls();
}

asio::ip::tcp::socket& pending_exchange::socket() noexcept { return state_->held->made->socket(); }

asio::mutable_buffer pending_exchange::room() {
    auto const room = state_->reader->prepare();
    return {room.data(), room.size()};
}

void pending_exchange::received(error_code ec, std::size_t n) { state_->received(ec, n); }

asio::awaitable<void> pending_exchange::drive() { return drive_on(*state_); }

bool pending_exchange::is_over() const noexcept { return state_->now == exchange_state::stage::over; }

bool pending_exchange::may_have_sent() const noexcept {
    return state_ && (state_->wrote || state_->result.sent || state_->result.resent);
}

exchange_result& pending_exchange::result() noexcept { return state_->result; }

std::string host_and_port(url const& u) {
    bool const v6 = u.host.find(':') != std::string::npos;
    return (v6 ? '[' + u.host + ']' : u.host) + ':' + std::to_string(u.port);
}

void open_ahead(std::shared_ptr<pool_state> const& pool, std::size_t wanted, std::shared_ptr<warming> const& group) {
    if (pool->closed || (!group && clock::now() < pool->refill_after)) return;
    while (pool->counters.open < wanted && pool->take_slot()) {
        if (group) ++group->left;
        auto opening = open_one(pool, group);
        asio::co_spawn(pool->executor, std::move(opening), asio::detached);
    }
}

std::string proxy_authentication_message(pool_state const& pool) {
    return "The proxy " + host_and_port(pool.target) +
           (pool.options.proxy.authorization().empty() ? " asks for user and password" : " refuses user and password") +
           " (status 407). Put them into its URL: http://user:password@host:port.";
}

pool_state::pool_state(asio::any_io_executor ex, url to, pool_options opts)
    : executor(std::move(ex)), forks(fork_watch::of(executor)), endpoint(std::move(to)), options(std::move(opts)),
      where(host_and_port(endpoint)), target(options.proxy ? options.proxy.address() : endpoint),
      via(options.proxy ? "the proxy " + host_and_port(target) : where), addresses(options.resolve_interval),
      storages(new storage_pool(std::min<std::size_t>(options.max_connections, 256))) {
    error_code ec;
    auto const address = asio::ip::make_address(target.host, ec);
    if (!ec) literal.emplace(address, target.port);
    idle.reserve(std::min<std::size_t>(options.max_connections, 1024));
    exchanges.reserve(std::min<std::size_t>(options.max_connections, 1024));
    random.seed(std::random_device()());
    forks.add(*this); // last, so that an exception leaves nothing behind
}

pool_state::~pool_state() { forks.remove(*this); }

std::unique_ptr<connection> pool_state::take_idle(bool once_only, clock::time_point known) noexcept {
    if (idle.empty()) return nullptr;
    if (idle.back()->is_of_another_process()) [[unlikely]]
        forks.catch_up();
    auto const now = moment_of(known);
    while (!idle.empty()) {
        auto c = std::move(idle.back());
        idle.pop_back();
        auto const age = now - c->idle_since;
        clock::duration trusted = trusted_while_idle;
        if (once_only) trusted = c->exchanges >= proved_by_exchanges ? trusted_for_writes : clock::duration::zero();
        bool const look = age >= trusted;
        auto why = close_reason::peer;
        if (age >= options.idle_lifetime) {
            why = close_reason::idle;
        } else if (now >= c->retire_at) {
            why = close_reason::age;
        } else if (!(look && c->is_stale())) {
            return c;
        }
        discard(std::move(c), why);
        --counters.open;
    }
    return nullptr;
}

std::unique_ptr<exchange_state> pool_state::take_exchange() {
    if (exchanges.empty()) return std::make_unique<exchange_state>();
    auto taken = std::move(exchanges.back());
    exchanges.pop_back();
    return taken;
}

void pool_state::give_back(std::unique_ptr<exchange_state> e) noexcept {
    if (exchanges.size() != exchanges.capacity()) exchanges.push_back(std::move(e));
}

bool pool_state::take_slot() noexcept {
    if (counters.open >= options.max_connections) return false;
    ++counters.open;
    return true;
}

void pool_state::give_back(std::unique_ptr<connection> c) noexcept {
    if (c->is_of_another_process()) [[unlikely]] {
        discard(std::move(c), close_reason::interrupted);
        return give_up_slot();
    }
    auto const now = clock::now();
    if (closed || now >= c->retire_at) {
        discard(std::move(c), closed ? close_reason::shutdown : close_reason::age);
        return give_up_slot();
    }
    if (waiter* const next = waiting.pop()) {
        next->given = std::move(c);
        next->wake.cancel();
        return;
    }
    c->idle_since = now;
    try {
        idle.push_back(std::move(c));
    } catch (...) { // push_back() left c unchanged
        discard(std::move(c), close_reason::error);
        return give_up_slot();
    }
    // Connections are taken from the back, so those at the front would stay open for ever while fewer connections
    // suffice.
    if (now - idle.front()->idle_since >= options.idle_lifetime) {
        auto oldest = std::move(idle.front());
        idle.erase(idle.begin());
        --counters.open;
        discard(std::move(oldest), close_reason::idle);
    }
}

void pool_state::give_up_slot() noexcept {
    waiter* const next = closed ? nullptr : waiting.pop();
    if (!next) {
        --counters.open;
        return;
    }
    next->may_open = true;
    next->wake.cancel();
}

void pool_state::discard(std::unique_ptr<connection> c, close_reason why) noexcept {
    if (why == close_reason::idle || why == close_reason::age || why == close_reason::shutdown) c->farewell();
    if (closed) why = close_reason::shutdown;
    if (!options.listener) return;
    connection_closed event;
    event.number = c->number;
    event.reason = why;
    event.exchanges = c->exchanges;
    event.age = clock::now() - c->opened_at;
    c.reset();
    options.listener->on_closed(event);
}

clock::time_point pool_state::retirement(clock::time_point opened_at) noexcept {
    if (clock::time_point::max() - opened_at <= options.max_age) return clock::time_point::max();
    auto const age = std::chrono::duration_cast<clock::duration>(options.max_age);
    double const spread = 0.2 * static_cast<double>(random() - std::minstd_rand::min()) /
                          static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min());
    return opened_at + age - std::chrono::duration_cast<clock::duration>(age * spread);
}

void pool_state::close() noexcept {
    if (std::exchange(closed, true)) return;
    counters.open -= idle.size();
    auto unused = std::move(idle);
    idle.clear();
    for (auto& c : unused) discard(std::move(c), close_reason::shutdown);
    for (auto& op : operations) op.interrupt();
}

void pool_state::forked() noexcept {
    for (auto& op : operations)
        if (op.io) op.io->close();
    counters.open -= idle.size();
    auto theirs = std::move(idle);
    idle.clear();
    try {
        idle.reserve(theirs.capacity());
    } catch (...) {
        // Out of memory: the list grows when it is used.
    }
    for (auto& c : theirs) discard(std::move(c), close_reason::interrupted);
    if (tls) tls->forget_sessions();
    resolving.reset(); // the thread that looks up may have stayed in the parent
}

std::string pool_state::stopped_message(error_code code, std::string_view doing) const {
    std::string text = code == make_error_code(errc::client_closed)       ? "the client was closed while "
                       : code == make_error_code(errc::deadline_exceeded) ? "the deadline passed while "
                       : code == make_error_code(transport_errc::attempt_timeout)
                           ? "the time-out of an attempt passed while "
                           : "cancelled while ";
    text.append(doing).append(" ").append(where);
    return text;
}

} // namespace detail

struct connection_pool::state : detail::pool_state {
    using pool_state::pool_state;
};

detail::pending_exchange::pending_exchange(connection_pool const& pool, exchange_terms const& terms, deadline& until,
                                           asio::cancellation_state const& cancellation)
    : pending_exchange(*pool.state_, terms, until, cancellation) {}

void detail::pending_exchange::notice_fork(connection_pool const& pool) { pool.state_->forks.catch_up(); }

std::shared_ptr<connection_pool> connection_pool::create(asio::any_io_executor executor, url endpoint,
                                                         pool_options options) {
    if (options.max_connections == 0)
        throw_error(errc::invalid_configuration, "pool_options::max_connections is 0: no request could ever be sent.");
    if (options.min_connections > options.max_connections)
        throw_error(errc::invalid_configuration, "pool_options::min_connections is more than max_connections.");
    detail::limit_durations(options);
    auto shared = std::make_shared<state>(std::move(executor), std::move(endpoint), std::move(options));
    return std::shared_ptr<connection_pool>(new connection_pool(std::move(shared)));
}

connection_pool::connection_pool(std::shared_ptr<state> s) noexcept : state_(std::move(s)) {}

connection_pool::~connection_pool() { state_->close(); }

asio::awaitable<exchange_result> connection_pool::exchange(request_view request, deadline& until) {
    return detail::exchange(state_, request, until);
}

asio::awaitable<connection_pool::warm_up_result> connection_pool::warm_up(deadline& until) {
    return detail::warm_up(state_, until);
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
