#ifndef DYNASIO_ORM_COALESCED_FINDS_HPP
#define DYNASIO_ORM_COALESCED_FINDS_HPP

#include <dynasio/orm/detail/find_gatherer.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace dynasio {

namespace detail {

template <class T> struct gathered_entities {
    using places = std::vector<std::optional<T>>;
    static constexpr find_gatherer::place_functions functions{
        [](std::size_t count) -> std::shared_ptr<void> { return std::make_shared<places>(count); },
        [](void* in) { return places_in(*static_cast<places*>(in)); }};

    static boost::asio::awaitable<std::optional<T>> find(boost::asio::awaitable<gathered_find> waiting) {
        gathered_find const found = co_await std::move(waiting);
        auto& place = (*static_cast<places*>(found.entities.get()))[found.place];
        if (!found.is_shared) co_return std::move(place);
        std::optional<T> copy(place);
        co_return copy;
    }
    static boost::asio::awaitable<T> get(std::shared_ptr<find_gatherer> gatherer,
                                         boost::asio::awaitable<gathered_find> waiting, std::string key) {
        std::optional<T> found = co_await find(std::move(waiting));
        if (!found) gatherer->throw_not_found(key);
        co_return *std::move(found);
    }
};

} // namespace detail

/// Reads entities by key for many coroutines at once: calls of find() within one window of time become one
/// BatchGetItem, and a key that several of them ask for is sent once. So 500 handlers of a server that look up 40
/// sessions send one request and not 500, and are charged for 40 items. A call waits for the window first; where calls
/// are rare, repository::find() answers sooner. (The pattern is known as DataLoader.)
///
/// It is a value; copies of it share the window and the client's connections, and it must be destroyed before their
/// io_context. `Form` is T or tracked<T>, as in repository; executors and errors are as there. As with
/// repository::find(), trashed entities and what where_always() leaves out are given, and relations of autoload<> come
/// with the entity; other relations are loaded later with repository::load(). Each caller gets a copy of its own.
///
/// **Each call ends by itself.** Its cancellation and its deadline end its own wait and nothing else. The request is
/// cancelled when nobody waits for it any more, and a key that nobody waits for when the window ends is not sent. An
/// item that does not fit the entity is the error of those who asked for it. When the request fails, that is the error
/// of all who wait for it. The request has the deadline of the client's options.
template <class Form> class coalesced_finds {
    using T = detail::entity_in<Form>;

public:
    /// Throws errc::invalid_argument for a negative window and for `most_keys` of 0.
    explicit coalesced_finds(client const& db, coalescing how = {})
        : gatherer_(std::make_shared<detail::find_gatherer>(client_access::engine(db), entity_type_of<T>(), how,
                                                            detail::gathered_entities<T>::functions)) {}

    /// The entity with this key, or nothing. `patience` bounds the wait of this call alone: errc::deadline_exceeded.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<Form>>
    find(key_of<T> key, std::optional<std::chrono::nanoseconds> patience = {}) const {
        return detail::in_form<Form>(
            detail::gathered_entities<T>::find(gatherer_->find(std::move(key).lowered(), patience)));
    }
    /// As find(), but throws errc::not_found when there is no such entity.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<Form>
    get(key_of<T> key, std::optional<std::chrono::nanoseconds> patience = {}) const {
        auto lowered = std::move(key).lowered();
        std::string told = lowered.failed() ? std::string() : lowered.json();
        return detail::in_form<Form>(detail::gathered_entities<T>::get(
            gatherer_, gatherer_->find(std::move(lowered), patience), std::move(told)));
    }

    /// What has been asked for and sent since this object was made. To be called on the client's executor.
    [[nodiscard]] coalescing_figures figures() const noexcept { return gatherer_->figures(); }

private:
    std::shared_ptr<detail::find_gatherer> gatherer_;
};

} // namespace dynasio

#endif
