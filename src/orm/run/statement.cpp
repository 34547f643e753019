#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/detail/request_source.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../type/bad_item_filter.hpp"
#include "../type/item_values.hpp"
#include "../wire/answer_members.hpp"
#include "../wire/statement_text.hpp"
#include "drive.hpp"
#include "hooks.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::json_reader;

namespace {

/// The requests of one statement: pages one after the other, or one page.
class statement_read final : public dynamodb::detail::request_source {
public:
    statement_read(dynamodb::detail::engine& engine, entity_type const& type, statement_spec const& spec)
        : engine_(engine), type_(type), table_(physical_table(engine.options().table_prefix, type.table)),
          items_(type.storage.make()), token_(spec.token), one_page_(spec.page.has_value()),
          bad_(spec.options.bad_items) {
        if (spec.failed) std::rethrow_exception(spec.failed);
        if (spec.page == std::size_t{0}) throw_error(errc::invalid_argument, "a page needs a size of at least 1");
        head_ = R"({"Statement":)";
        dynamodb::append_json_string(head_, statement_to_send(type, spec.text, spec.values.size(), table_));
        for (std::size_t i = 0; i < spec.values.size(); ++i)
            head_ += (i == 0 ? R"(,"Parameters":[)" : ",") + spec.values[i];
        if (!spec.values.empty()) head_ += ']';
        if (spec.options.consistent) head_ += R"(,"ConsistentRead":true)";
        constexpr std::size_t max_page = 2'147'483'647; // Limit is a 32-bit integer according to the API reference
        if (spec.page) head_ += R"(,"Limit":)" + std::to_string(std::min(*spec.page, max_page));
    }

    [[nodiscard]] std::shared_ptr<void> items() const noexcept { return items_; }
    /// Where the next page begins; empty after the last one.
    [[nodiscard]] std::string const& token() const noexcept { return token_; }
    [[nodiscard]] load_report const& report() const noexcept { return report_; }

    std::optional<request> next(time_point now) override {
        if (!ready(now)) return std::nullopt;
        under_way_ = true;
        ++report_.queries;
        report_.max_in_flight = 1;
        request made{0, dynamodb::operation::execute_statement, engine_.borrow_body(), {}};
        made.body += head_;
        if (!token_.empty()) {
            made.body += R"(,"NextToken":)";
            dynamodb::append_json_string(made.body, token_);
        }
        made.body += '}';
        made.about.tell = [](dynamodb::detail::request_subject const& self, std::string_view, std::string_view,
                             dynamodb::detail::request_targets& out) {
            out.targets.emplace_back().table = static_cast<statement_read const*>(self.who)->table_;
        };
        made.about.who = this;
        return made;
    }
    [[nodiscard]] bool ready(time_point) const override { return !done_ && !under_way_; }
    [[nodiscard]] std::optional<time_point> wake_at() const override { return std::nullopt; }
    [[nodiscard]] bool sequential() const override { return ready({}); }
    [[nodiscard]] bool done() const noexcept override { return done_; }

    void on_answer(std::size_t, answer const& got) override {
        std::string_view const body = got.reply.body();
        under_way_ = false;
        std::string next;
        bool has_more = false;
        bool items = false;
        json_reader in(body);
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == "Items") {
                note_member(in, items, name);
                read_items(in);
            } else if (name == "NextToken" && !in.read_if_null()) {
                next = in.read_string();
            } else if (name == "LastEvaluatedKey" && !in.read_if_null()) {
                has_more = in.skip_value() != "{}";
            } else if (name == "ConsumedCapacity" && !in.read_if_null()) {
                double const units = read_capacity_units(in);
                report_.read_units += units;
                if (units > 0) report_.capacity.add(table_, {}, units, 0);
            } else {
                in.skip_value();
            }
        }
        in.finish();
        // Servers have answered so. Taking it for the end would leave entities out unnoticed.
        if (has_more && next.empty())
            in.fail("the answer says that there is more, and has no NextToken by which it could be read");
        if (!next.empty() && next == token_)
            in.fail("the answer names its own page as the next one, so the pages would never end");
        token_ = std::move(next);
        done_ = one_page_ || token_.empty();
    }

    void describe(std::size_t, diagnostics& d) const override { describe_whole(d); }
    void describe_whole(diagnostics& d) const override {
        add_context(
            d, {.operation = to_string(dynamodb::operation::execute_statement), .table = table_, .entity = type_.name});
    }

private:
    void read_items(json_reader& in) {
        storage_functions const& storage = type_.storage;
        in.enter_array();
        item_values found;
        while (in.next_element()) {
            std::size_t const count = storage.size(items_.get());
            auto const read = [&](json_reader& item) { type_.decode(item, storage.append(items_.get()), found); };
            auto const forget = [&](error const& e) {
                storage.truncate(items_.get(), count);
                diagnostics d = e.info();
                describe_whole(d);
                return error(e.code(), std::move(d));
            };
            ++report_.items;
            if (!bad_.read_or_leave_out(in, read, forget)) ++report_.bad_items;
        }
    }

    dynamodb::detail::engine& engine_;
    entity_type const& type_;
    std::string table_;
    std::string head_{};
    std::shared_ptr<void> items_;
    std::string token_;
    bool one_page_;
    bool under_way_ = false;
    bool done_ = false;
    bad_item_filter bad_;
    load_report report_{};
};

asio::awaitable<query_outcome> do_run_statement(engine_ptr engine, entity_type const& type,
                                                std::unique_ptr<statement_read> read, operation_options options) {
    auto driving = drive_read(engine, *read, options);
    co_await std::move(driving);
    query_outcome outcome;
    outcome.items = read->items();
    outcome.cursor = read->token();
    std::size_t const count = type.awaited_read_hooks.empty() ? 0 : type.storage.size(outcome.items.get());
    for (std::size_t i = 0; i < count; ++i) {
        auto calling = call_read_hooks(type, type.storage.at(outcome.items.get(), i));
        co_await std::move(calling);
    }
    co_return outcome;
}

} // namespace

asio::awaitable<query_outcome> run_statement(engine_ptr engine, entity_type const& type, statement_spec spec) {
    return begin_operation<query_outcome>(engine, type, [&] {
        check_read_options(spec.options);
        auto read = std::make_unique<statement_read>(*engine, type, spec);
        return do_run_statement(engine, type, std::move(read), spec.options);
    });
}

} // namespace dynasio::detail
