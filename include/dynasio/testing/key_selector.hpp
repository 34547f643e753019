#ifndef DYNASIO_TESTING_KEY_SELECTOR_HPP
#define DYNASIO_TESTING_KEY_SELECTOR_HPP

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dynasio::testing {

/// Selects some of the keys of a BatchGetItem, or of the items and keys of a BatchWriteItem.
class key_selector {
public:
    /// Called once for each key in the order of the body. `key` is its canonical JSON as in `recorded_request::keys`;
    /// `position` is the number of previous calls.
    using predicate = std::function<bool(std::string_view key, std::size_t position)>;

    /// Throws errc::invalid_argument when `chosen` is empty.
    explicit key_selector(predicate chosen);

    /// A copy that selects among the keys of one table only; positions count the keys of that table.
    [[nodiscard]] key_selector of_table(std::string name) const;

    /// Whether this selector may select keys of `table`.
    [[nodiscard]] bool looks_at(std::string_view table) const noexcept { return !table_ || *table_ == table; }
    [[nodiscard]] bool operator()(std::string_view key, std::size_t position) const { return chosen_(key, position); }

private:
    predicate chosen_;
    std::optional<std::string> table_;
};

[[nodiscard]] key_selector all_keys();
[[nodiscard]] key_selector first_keys(std::size_t count);
/// All keys but the first `count`, to simulate a service that makes a little progress each time.
[[nodiscard]] key_selector all_keys_but(std::size_t count);
/// Keys whose canonical JSON contains `text`.
[[nodiscard]] key_selector keys_containing(std::string text);
[[nodiscard]] key_selector keys_where(std::function<bool(std::string_view key)> chosen);

} // namespace dynasio::testing

#endif
