#ifndef DYNASIO_CORE_WHEN_ALL_HPP
#define DYNASIO_CORE_WHEN_ALL_HPP

#include <dynasio/core/concurrency.hpp>
#include <dynasio/core/detail/gathering.hpp>
#include <dynasio/core/detail/never.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

// Several operations at the same time.
namespace dynasio {

namespace detail {

template <class T> class gathering_of final : public gathering {
public:
    gathering_of(boost::asio::any_io_executor executor, std::vector<boost::asio::awaitable<T>> operations,
                 std::size_t at_most)
        : gathering(std::move(executor), operations.size(), at_most), operations_(std::move(operations)),
          results_(operations_.size()) {}

    /// Precondition: run() has completed.
    [[nodiscard]] std::vector<T> take() {
        std::vector<T> all;
        all.reserve(results_.size());
        for (auto& one : results_) all.push_back(*std::move(one));
        return all;
    }

private:
    boost::asio::awaitable<void> perform(std::size_t i) override {
        results_[i].emplace(co_await std::move(operations_[i]));
    }

    std::vector<boost::asio::awaitable<T>> operations_;
    std::vector<std::optional<T>> results_;
};

template <> class gathering_of<void> final : public gathering {
public:
    gathering_of(boost::asio::any_io_executor executor, std::vector<boost::asio::awaitable<void>> operations,
                 std::size_t at_most)
        : gathering(std::move(executor), operations.size(), at_most), operations_(std::move(operations)) {}

private:
    boost::asio::awaitable<void> perform(std::size_t i) override { return std::move(operations_[i]); }

    std::vector<boost::asio::awaitable<void>> operations_;
};

template <class T>
using all_of_them =
    std::conditional_t<std::is_void_v<T>, void, std::vector<std::conditional_t<std::is_void_v<T>, int, T>>>;

template <class T>
boost::asio::awaitable<all_of_them<T>> gather_all(std::vector<boost::asio::awaitable<T>> operations,
                                                  concurrency at_most) {
    auto const executor = co_await boost::asio::this_coro::executor;
    auto const all = std::make_shared<gathering_of<T>>(executor, std::move(operations), at_most.value());
    auto running = all->run();
    co_await std::move(running);
    if constexpr (!std::is_void_v<T>) co_return all->take();
}

/// Says what is missing where operations are given without `concurrency`.
template <class... T> consteval void refuse_without_concurrency() {
    static_assert(never<T...>, "dynasio: when_all() and when_all_results() take behind the operations how many of them "
                               "may be under way: when_all(std::move(operations), concurrency(8))");
}
template <class... T> consteval void refuse_copy_of_operations() {
    static_assert(never<T...>, "dynasio: operations cannot be copied; when_all() and when_all_results() take them with "
                               "std::move(operations)");
}

} // namespace detail

/// Performs operations, at most `at_most` of them at a time, and gives their results in the order of the operations
/// (nothing for operations that give nothing):
///
///     std::vector<asio::awaitable<std::optional<User>>> finds;
///     for (auto const& id : ids) finds.push_back(users.find(id));
///     auto const found = co_await dynasio::when_all(std::move(finds), concurrency(8));
///
/// Operations begin in their order, on the executor of the coroutine that awaits this. When several threads run its
/// context, that executor must be a strand. Completes when every operation that has begun has ended, so nothing goes on
/// behind the caller's back: the first failure cancels those that are under way, keeps the rest from beginning, and is
/// thrown. A cancellation that the awaiting coroutine's state lets through does the same and is thrown as
/// operation_aborted. Throws errc::invalid_argument for concurrency(0). Costs what the operations cost.
template <class T>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<detail::all_of_them<T>>
when_all(std::vector<boost::asio::awaitable<T>>&& operations, concurrency at_most) {
    return detail::gather_all(std::move(operations), at_most);
}

/// Does the same and gives a result for each operation, so that a failure of one neither cancels nor hides the others.
/// It throws when it is cancelled, and for exceptions that are no errors of dynasio, Asio or the system.
template <class T>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<result<T>>>
when_all_results(std::vector<boost::asio::awaitable<T>>&& operations, concurrency at_most) {
    std::vector<boost::asio::awaitable<result<T>>> all;
    all.reserve(operations.size());
    for (auto& one : operations) all.push_back(as_result(std::move(one)));
    return detail::gather_all(std::move(all), at_most);
}

// Refused: operations without a bound, with a bare number for it, and those that would have to be copied.
template <class T, class... Number>
    requires(std::is_integral_v<Number> && ...)
boost::asio::awaitable<detail::all_of_them<T>> when_all(std::vector<boost::asio::awaitable<T>> const&, Number...) {
    detail::refuse_without_concurrency<T>();
    return {};
}
template <class T, class... Number>
    requires(std::is_integral_v<Number> && ...)
boost::asio::awaitable<std::vector<result<T>>> when_all_results(std::vector<boost::asio::awaitable<T>> const&,
                                                                Number...) {
    detail::refuse_without_concurrency<T>();
    return {};
}
template <class T>
boost::asio::awaitable<detail::all_of_them<T>> when_all(std::vector<boost::asio::awaitable<T>>&, concurrency) {
    detail::refuse_copy_of_operations<T>();
    return {};
}
template <class T>
boost::asio::awaitable<std::vector<result<T>>> when_all_results(std::vector<boost::asio::awaitable<T>>&, concurrency) {
    detail::refuse_copy_of_operations<T>();
    return {};
}

} // namespace dynasio

#endif
