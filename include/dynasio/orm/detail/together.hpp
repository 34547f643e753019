#ifndef DYNASIO_ORM_DETAIL_TOGETHER_HPP
#define DYNASIO_ORM_DETAIL_TOGETHER_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/key.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// The compiled part of transactions.
namespace dynasio::detail {

/// Decides the writes and sends them as one TransactWriteItems. Without a `token`, one is made.
[[nodiscard]] boost::asio::awaitable<void> commit_transaction(engine_ptr engine, std::vector<planned_write> writes,
                                                              std::optional<std::string> token,
                                                              operation_options options);

/// One entity of a read of several at one moment.
struct planned_read {
    entity_type const* type = nullptr;
    lowered_key key{};
    void* place = nullptr;                        ///< A std::optional<T>, which is empty.
    void* (*make)(void* place) = nullptr;         ///< Makes an entity in the place and returns it.
    void (*drop)(void* place) noexcept = nullptr; ///< Empties the place.
    void* (*at)(void* place) noexcept = nullptr;  ///< The entity in the place, or null.
};
/// Reads the entities into their places, which are left empty where there is no entity.
[[nodiscard]] boost::asio::awaitable<void> read_together(engine_ptr engine, std::vector<planned_read> reads,
                                                         operation_options options);

template <class T> planned_read read_into(std::optional<T>& place, key_of<T> const& key) {
    planned_read made;
    made.type = &entity_type_of<T>();
    made.key = key.lowered();
    made.place = &place;
    made.make = [](void* in) -> void* { return &static_cast<std::optional<T>*>(in)->emplace(); };
    made.drop = [](void* in) noexcept { static_cast<std::optional<T>*>(in)->reset(); };
    made.at = [](void* in) noexcept -> void* {
        auto& read = *static_cast<std::optional<T>*>(in);
        return read ? &*read : nullptr;
    };
    return made;
}

template <class... T>
boost::asio::awaitable<std::tuple<std::optional<T>...>>
read_tuple(std::unique_ptr<std::tuple<std::optional<T>...>> found, boost::asio::awaitable<void> reading) {
    co_await std::move(reading);
    co_return std::move(*found);
}
template <class... T, std::size_t... I>
boost::asio::awaitable<std::tuple<std::optional<T>...>> start_reading(engine_ptr engine,
                                                                      std::tuple<key_of<T> const&...> keys,
                                                                      call_options options, std::index_sequence<I...>) {
    // In memory of their own, because the frame of the coroutine that gives them back is not there yet.
    auto found = std::make_unique<std::tuple<std::optional<T>...>>();
    std::vector<planned_read> reads;
    reads.reserve(sizeof...(T));
    (reads.push_back(read_into(std::get<I>(*found), std::get<I>(keys))), ...);
    auto reading = read_together(std::move(engine), std::move(reads), operation_options{.call = options});
    return read_tuple<T...>(std::move(found), std::move(reading));
}

template <class Argument> inline constexpr bool is_key_of = false;
template <class T> inline constexpr bool is_key_of<key_of<T>> = true;

template <class... T> auto find_together(engine_ptr engine, key_of<T> const&... keys) {
    return start_reading<T...>(std::move(engine), std::tie(keys...), call_options(), std::index_sequence_for<T...>());
}
/// Keys, and call_options at the end.
template <class... Arguments> auto find_together(engine_ptr engine, Arguments const&... arguments) {
    constexpr std::size_t keys = sizeof...(Arguments) - 1;
    auto const all = std::tie(arguments...);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        constexpr bool fits = (is_key_of<std::tuple_element_t<I, std::tuple<Arguments...>>> && ...) &&
                              std::is_same_v<std::tuple_element_t<keys, std::tuple<Arguments...>>, call_options>;
        static_assert(fits,
                      "dynasio: find_together() takes key_of<T>(…) for each entity, and call_options behind them");
        if constexpr (fits)
            return [&]<class... T>(key_of<T> const&... each) {
                return start_reading<T...>(std::move(engine), std::tie(each...), std::get<keys>(all),
                                           std::index_sequence_for<T...>());
            }(std::get<I>(all)...);
        else
            return boost::asio::awaitable<std::tuple<>>();
    }(std::make_index_sequence<keys>());
}

} // namespace dynasio::detail

#endif
