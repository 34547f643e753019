#ifndef DYNASIO_SRC_HTTP_POOL_STATE_HPP
#define DYNASIO_SRC_HTTP_POOL_STATE_HPP

#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/detail/fair_queue.hpp>
#include <dynasio/http/detail/pending_exchange.hpp>
#include <dynasio/http/detail/response_reader.hpp>
#include <dynasio/http/detail/storage_pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "address_book.hpp"
#include "connection.hpp"
#include "fork_watch.hpp"

namespace dynasio::http::detail {

/// One operation of the pool, which its deadline and the closing pool can interrupt.
class operation final
    : public interruptible,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    /// Without a deadline: for connections that the pool opens in the background.
    operation() noexcept = default;
    explicit operation(deadline& until) noexcept : until_(&until) { until_->watch(this); }
    ~operation() {
        if (until_) until_->watch(nullptr);
    }
    operation(operation const&) = delete;
    operation& operator=(operation const&) = delete;

    /// Makes the timer or I/O that the operation waits for complete with operation_aborted.
    void interrupt() noexcept override {
        if (parked) parked->cancel();
        if (io) io->close();
    }
    /// Null if the operation has no deadline.
    [[nodiscard]] deadline const* until() const noexcept { return until_; }

    bool attempt_over = false;                   ///< request_view::timeout has passed.
    boost::asio::steady_timer* parked = nullptr; ///< The timer that the operation waits on when it does no I/O.
    connection* io = nullptr;                    ///< The connection that the operation does I/O on.

private:
    deadline* until_ = nullptr;
};

/// Sets an operation's `parked` for a scope.
class parking {
public:
    parking(operation& op, boost::asio::steady_timer& on) noexcept : op_(op) { op_.parked = &on; }
    ~parking() { op_.parked = nullptr; }
    parking(parking const&) = delete;
    parking& operator=(parking const&) = delete;

private:
    operation& op_;
};

/// A look-up of the endpoint's name, shared by all operations that connect in the meantime; its result goes to
/// pool_state::addresses. The look-up runs on a thread of the resolver that cannot be stopped, so each operation waits
/// on a timer of its own, which can be cancelled.
struct resolution {
    explicit resolution(boost::asio::any_io_executor const& ex) : resolver(ex) {}

    boost::asio::ip::tcp::resolver resolver;
    bool done = false;
    std::string reason{}; ///< Why the look-up failed.
    std::vector<boost::asio::steady_timer*> waiting{};
};

/// An entry of the queue for a connection, in the frame of the waiting coroutine.
struct waiter : boost::intrusive::list_base_hook<> {
    waiter(boost::asio::any_io_executor const& ex, traffic of)
        : kind(of), wake(ex, boost::asio::steady_timer::time_point::max()) {}

    traffic const kind;

    boost::asio::steady_timer wake;
    std::unique_ptr<connection> given{};
    bool may_open = false;
};

/// Interrupts an operation when request_view::timeout has passed. Precondition: the operation has a deadline.
class attempt_limit final : public interruptible {
public:
    attempt_limit(operation& op, deadline::clock::time_point at) : op_(op), until_(*op.until(), at) {
        op_.attempt_over = until_.expired();
        until_.watch(this);
    }
    void interrupt() noexcept override {
        op_.attempt_over = true;
        op_.interrupt();
    }

private:
    operation& op_;
    deadline until_;
};

struct pool_state;

/// The slot of an exchange, and its connection once it has been made.
class lease {
public:
    explicit lease(pool_state& pool) noexcept : pool_(pool) {}
    ~lease();
    lease(lease const&) = delete;
    lease& operator=(lease const&) = delete;

    void keep() noexcept;
    /// Closes the connection; the slot stays.
    void drop(close_reason reason) noexcept;

    std::unique_ptr<connection> made{};
    close_reason why = close_reason::interrupted; ///< Reported for `made` if it is not kept.
    bool slot = false;
    bool dirty = false; ///< A write or read was begun on `made`.

private:
    pool_state& pool_;
};

/// The state of one exchange that has its turn, and the steps that need not wait. Objects are pooled and reused, so
/// that they take no space in the frame of the coroutine that drives them.
struct exchange_state {
    enum class stage : unsigned char { request, connect, write, read, over };

    /// Takes over what `from` holds: a slot, with or without a connection, or nothing if the exchange has to stop at
    /// once.
    void begin(pool_state& in, exchange_terms const& what, deadline& until,
               boost::asio::cancellation_state const& awaiting, lease& from);
    /// Returns the connection or the slot and clears the state for reuse.
    void end() noexcept;

    /// Takes the request. If the exchange has an idle connection, writes what its socket accepts.
    void send(std::string_view head, std::string_view body);
    /// Writes what the socket accepts. Precondition: the connection is made.
    void send_at_once();
    void sent();
    void received(error_code ec, std::size_t n);
    /// Ends the exchange if it was cancelled, its time has passed or the pool was closed; returns whether it did.
    bool stop(std::string_view doing);

    pool_state* pool = nullptr;
    boost::asio::cancellation_state const* cancellation = nullptr;
    std::string_view head{};
    std::string_view body{};
    exchange_result result{};
    std::optional<response_reader> reader{};
    std::optional<operation> self{};
    std::optional<attempt_limit> limit{};
    std::optional<lease> held{};
    std::string proxied{}; ///< The head in absolute form, for an HTTP proxy.
    std::size_t written = 0;
    error_code write_error{};
    stage now = stage::over;
    bool repeatable = false;
    bool large_answer = false;
    bool resent = false;
    bool wrote = false;

private:
    void conclude(response_reader::progress progress, error_code read_error);
    void forget_proxied() noexcept;
};

/// The state that exchanges share. It outlives the pool object for as long as an exchange is running.
struct pool_state : fork_watcher, std::enable_shared_from_this<pool_state> {
    pool_state(boost::asio::any_io_executor ex, url to, pool_options opts);
    ~pool_state() override;

    // Connections. A slot is the right to have one connection. The holder of a slot returns either the connection, and
    // the slot with it, or the slot alone.
    [[nodiscard]] std::unique_ptr<connection> take_idle(bool once_only, deadline::clock::time_point known) noexcept;
    [[nodiscard]] bool take_slot() noexcept;
    void give_back(std::unique_ptr<connection> c) noexcept;
    void give_up_slot() noexcept;
    /// Closes a connection; its slot stays with the caller.
    void discard(std::unique_ptr<connection> c, close_reason why) noexcept;
    [[nodiscard]] deadline::clock::time_point retirement(deadline::clock::time_point opened_at) noexcept;
    void close() noexcept;
    /// In a child of fork(): closes the connections, which are the parent's, without TLS's farewell, and forgets its
    /// TLS sessions. Exchanges that were under way lose their connections and go on as after any other loss.
    void forked() noexcept override;
    [[nodiscard]] std::unique_ptr<exchange_state> take_exchange();
    void give_back(std::unique_ptr<exchange_state> e) noexcept;

    /// The reason why an operation has to stop; clear if it need not.
    [[nodiscard]] error_code stopped(operation const& self, boost::asio::cancellation_state const& cancellation) const {
        if (closed) return errc::client_closed;
        if (self.until() && self.until()->expired()) return errc::deadline_exceeded;
        if (cancellation.cancelled() != boost::asio::cancellation_type::none)
            return boost::asio::error::operation_aborted;
        if (self.attempt_over) return transport_errc::attempt_timeout;
        return {};
    }
    [[nodiscard]] std::string stopped_message(error_code code, std::string_view doing) const;

    boost::asio::any_io_executor executor;
    fork_watch& forks;
    url endpoint;
    pool_options options;
    std::string where; ///< host:port, for messages
    url target;        ///< The address to connect to: the endpoint, or the proxy.
    std::string via;   ///< host:port of `target`, for messages.
    std::optional<boost::asio::ip::tcp::endpoint> literal{};
    address_book addresses;
    std::unique_ptr<tls_client> tls{};
    boost::intrusive_ptr<storage_pool> storages;
    std::weak_ptr<resolution> resolving{};
    std::vector<std::unique_ptr<connection>> idle{};          ///< The most recently used connection is at the back.
    std::vector<std::unique_ptr<exchange_state>> exchanges{}; ///< Objects that are free for reuse.
    fair_queue<waiter> waiting{};
    boost::intrusive::list<operation, boost::intrusive::constant_time_size<false>> operations{};
    pool_statistics counters{}; ///< `idle` and `waiting` are computed when they are read.
    std::minstd_rand random;
    deadline::clock::time_point refill_after{};
    bool closed = false;
};

/// "host:port", for messages.
[[nodiscard]] std::string host_and_port(url const& u);
[[nodiscard]] std::string proxy_authentication_message(pool_state const& pool);

/// Makes a connection, TLS included, or reports in `result` why it failed. Interrupting `self` ends it.
[[nodiscard]] boost::asio::awaitable<void> connect(std::shared_ptr<pool_state> pool, operation& self,
                                                   std::unique_ptr<connection>& made, exchange_result& result);

/// The connections that one warm_up() waits for.
struct warming {
    explicit warming(boost::asio::any_io_executor const& ex) : done(ex, boost::asio::steady_timer::time_point::max()) {}

    boost::asio::steady_timer done;
    std::size_t left = 0;
    error_code code{};
    std::string message{};
};

/// Starts to open connections in the background until `wanted` exist, and reports the results to `group`, if not null.
void open_ahead(std::shared_ptr<pool_state> const& pool, std::size_t wanted, std::shared_ptr<warming> const& group);

} // namespace dynasio::http::detail

#endif
