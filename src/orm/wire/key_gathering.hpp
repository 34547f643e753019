#ifndef DYNASIO_SRC_ORM_WIRE_KEY_GATHERING_HPP
#define DYNASIO_SRC_ORM_WIRE_KEY_GATHERING_HPP

#include <dynasio/orm/detail/operations.hpp>

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace dynasio::detail {

/// The keys that several callers ask for together, each of them once. Callers may leave before and after the keys are
/// taken. It does no I/O.
class key_gathering {
public:
    /// Adds a caller who asks for a key in wire form. Returns what stands for the key in the other functions.
    std::size_t add(std::string key);
    /// The caller does not wait any more.
    void leave(std::size_t key) noexcept;
    /// The number of callers who wait.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
    /// The number of distinct keys that somebody waits for.
    [[nodiscard]] std::size_t size() const noexcept { return wanted_; }

    /// The keys to read, which are those that somebody waits for. Nobody may be added afterwards.
    [[nodiscard]] key_list take();
    /// After take(): the key's place in the list. Precondition: somebody has waited for it then.
    [[nodiscard]] std::size_t place(std::size_t key) const noexcept { return keys_[key].place; }
    /// After take(): whether several callers have waited for the key then.
    [[nodiscard]] bool is_shared(std::size_t key) const noexcept { return keys_[key].is_shared; }
    [[nodiscard]] std::string const& text(std::size_t key) const noexcept { return *keys_[key].text; }

private:
    struct gathered {
        std::string const* text = nullptr; // the key of the map's node, which stays where it is
        std::size_t callers = 0;
        std::size_t place = 0;
        bool is_shared = false;
    };
    std::unordered_map<std::string, std::size_t> by_text_{};
    std::vector<gathered> keys_{};
    std::size_t waiting_ = 0;
    std::size_t wanted_ = 0;
};

} // namespace dynasio::detail

#endif
