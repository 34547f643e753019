#include "link_count.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <utility>

#include "table_name.hpp"

namespace dynasio::detail {

using dynamodb::operation;

namespace {

/// A page that was asked for its count has no items.
class no_items final : public page_sink {
public:
    void read_items(dynamodb::json_reader& in) override { in.skip_value(); }
};

} // namespace

link_count::link_count(std::string_view table_prefix, relation_info const& relation, std::string key, bool consistent)
    : relation_(&relation),
      text_(pivot_rows(relation).text(physical_table(table_prefix, pivot_rows(relation).table()), consistent)),
      key_(std::move(key)) {}

std::optional<link_count::request> link_count::next(time_point now) {
    if (!ready(now)) return std::nullopt;
    under_way_ = true;
    ++report_.queries;
    report_.max_in_flight = 1;
    return request{0, operation::query, pivot_rows::counting_body(text_, key_, cursor_)};
}

void link_count::on_answer(std::size_t /*id*/, answer const& got) {
    under_way_ = false;
    no_items ignored;
    auto page = read_page(got.reply.body(), cursor_, ignored);
    count_ += page.count;
    report_.read_units += page.read_units;
    if (page.read_units > 0) report_.capacity.add(text_.table(), text_.index(), page.read_units, 0);
    cursor_ = std::move(page.next);
    done_ = cursor_.empty();
}

void link_count::describe(std::size_t /*id*/, diagnostics& d) const {
    auto const path = relation_->path();
    add_context(d, {.operation = to_string(operation::query), .table = text_.table(), .relation_path = path});
    if (d.index.empty()) d.index = text_.index();
}

} // namespace dynasio::detail
