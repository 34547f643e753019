#ifndef DYNASIO_SRC_ORM_WIRE_LINK_COUNT_HPP
#define DYNASIO_SRC_ORM_WIRE_LINK_COUNT_HPP

#include <dynasio/dynamodb/detail/request_source.hpp>

#include <cstdint>
#include <string>

#include "pivot_rows.hpp"

namespace dynasio::detail {

/// Counts the rows that link one entity, page after page. It does no I/O; drive() sends its requests.
class link_count final : public dynamodb::detail::request_source {
public:
    /// `key` is pivot_rows::key_for() of the entity. Consistent where the side reads the table itself.
    link_count(std::string_view table_prefix, relation_info const& relation, std::string key, bool consistent);

    std::optional<request> next(time_point now) override;
    [[nodiscard]] bool ready(time_point /*now*/) const override { return !under_way_ && !done_; }
    [[nodiscard]] std::optional<time_point> wake_at() const override { return std::nullopt; }
    [[nodiscard]] bool sequential() const override { return true; }
    [[nodiscard]] bool done() const noexcept override { return done_; }
    void on_answer(std::size_t id, answer const& got) override;
    void describe(std::size_t id, diagnostics& d) const override;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] load_report const& report() const noexcept { return report_; }

private:
    relation_info const* relation_;
    query_text text_;
    std::string key_;
    std::string cursor_{};
    std::uint64_t count_ = 0;
    load_report report_{};
    bool under_way_ = false;
    bool done_ = false;
};

} // namespace dynasio::detail

#endif
