#ifndef DYNASIO_ORM_DETAIL_PAGE_READER_HPP
#define DYNASIO_ORM_DETAIL_PAGE_READER_HPP

#include <dynasio/orm/detail/operations.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace dynasio::detail {

/// Reads the pages of a query one after the other, each while the program works on the one before it. Those of a scan
/// in segments come from all segments, as they arrive.
class page_reader {
public:
    page_reader(engine_ptr engine, query_spec query, std::size_t size, std::string from);
    page_reader(page_reader&&) noexcept = default;
    page_reader& operator=(page_reader&& other) noexcept;
    /// Stops the page that is being read.
    ~page_reader();

    /// The next page, nothing after the last one.
    [[nodiscard]] boost::asio::awaitable<std::optional<query_outcome>> next() const;

private:
    class shared;
    void stop() noexcept;

    std::shared_ptr<shared> shared_;
};

} // namespace dynasio::detail

#endif
