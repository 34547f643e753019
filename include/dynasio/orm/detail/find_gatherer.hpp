#ifndef DYNASIO_ORM_DETAIL_FIND_GATHERER_HPP
#define DYNASIO_ORM_DETAIL_FIND_GATHERER_HPP

#include <dynasio/orm/detail/operations.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace dynasio {

/// How calls of coalesced_finds are gathered.
struct coalescing {
    /// How long the first call waits for others. With 0, those are gathered that are made before the executor's next
    /// turn, at the price of next to no waiting.
    std::chrono::nanoseconds window = std::chrono::milliseconds(1);
    /// As many distinct keys are sent at once. A BatchGetItem takes at most 100 (API reference); more than that become
    /// several at the same time.
    std::size_t most_keys = 100;
    /// Strongly consistent reads, for twice the capacity units.
    bool consistent = false;
};

/// Figures of coalesced_finds.
struct coalescing_figures {
    std::uint64_t finds = 0; ///< Calls.
    std::uint64_t keys = 0;  ///< Keys that were sent.
    std::uint64_t reads = 0; ///< Windows that ended with keys to send: a BatchGetItem for each 100 keys.
};

namespace detail {

/// What a call of find() has got.
struct gathered_find {
    std::shared_ptr<void> entities{}; ///< One place for each key.
    std::size_t place = 0;
    bool is_shared = false; ///< Others look at the same place.
};

/// Gathers the keys of finds, reads them together and gives each caller its own. Everything happens on the client's
/// executor.
class find_gatherer : public std::enable_shared_from_this<find_gatherer> {
public:
    struct place_functions {
        std::shared_ptr<void> (*make)(std::size_t count);
        key_places (*places)(void* entities);
    };
    find_gatherer(engine_ptr engine, entity_type const& type, coalescing how, place_functions const& functions);

    /// Completes when the entity has been read, or there is none.
    [[nodiscard]] boost::asio::awaitable<gathered_find> find(lowered_key key,
                                                             std::optional<std::chrono::nanoseconds> patience);
    [[noreturn]] void throw_not_found(std::string const& key) const;
    [[nodiscard]] coalescing_figures figures() const noexcept { return figures_; }

private:
    struct batch;
    struct waiter;

    [[nodiscard]] std::shared_ptr<batch> open_batch();
    void start(std::shared_ptr<batch> const& made);
    void end(std::shared_ptr<batch> const& of);
    [[nodiscard]] static boost::asio::awaitable<gathered_find>
    wait(std::shared_ptr<find_gatherer> self, std::string key, std::optional<std::chrono::nanoseconds> patience);
    [[nodiscard]] static boost::asio::awaitable<void> read(std::shared_ptr<find_gatherer> self,
                                                           std::shared_ptr<batch> into);

    engine_ptr engine_;
    entity_type const& type_;
    coalescing how_;
    place_functions const& functions_;
    std::shared_ptr<batch> gathering_{}; // whose window has not ended
    coalescing_figures figures_{};
};

} // namespace detail

} // namespace dynasio

#endif
