#include <dynasio/testing/key_selector.hpp>

#include <dynasio/core/error.hpp>

#include <utility>

namespace dynasio::testing {

key_selector::key_selector(predicate chosen) : chosen_(std::move(chosen)) {
    if (!chosen_) throw_error(errc::invalid_argument, "a key_selector was given an empty function");
}

key_selector key_selector::of_table(std::string name) const {
    key_selector copy = *this;
    copy.table_ = std::move(name);
    return copy;
}

key_selector all_keys() {
    return key_selector([](std::string_view, std::size_t) { return true; });
}

key_selector first_keys(std::size_t count) {
    return key_selector([count](std::string_view, std::size_t position) { return position < count; });
}

key_selector all_keys_but(std::size_t count) {
    return key_selector([count](std::string_view, std::size_t position) { return position >= count; });
}

key_selector keys_containing(std::string text) {
    return key_selector([text = std::move(text)](std::string_view key, std::size_t) {
        return key.find(text) != std::string_view::npos;
    });
}

key_selector keys_where(std::function<bool(std::string_view key)> chosen) {
    if (!chosen) throw_error(errc::invalid_argument, "keys_where() was given an empty function");
    return key_selector([chosen = std::move(chosen)](std::string_view key, std::size_t) { return chosen(key); });
}

} // namespace dynasio::testing
