#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/operations/batch_execute_statement.hpp>
#include <dynasio/dynamodb/operations/execute_statement.hpp>
#include <dynasio/dynamodb/operations/execute_transaction.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks.hpp"
#include "request_targets.hpp"

namespace dynasio::dynamodb {
namespace {

constexpr std::size_t max_statement_length = 8192;
constexpr std::size_t max_page_token_length = 32768;
constexpr std::size_t max_request_token_length = 36;

void check_statement(operation op, std::string const& statement,
                     std::optional<std::vector<attribute_value>> const& parameters) {
    detail::check_text(op, {}, "statement", statement, 1, max_statement_length);
    if (parameters) detail::check_count(op, {}, "parameters", parameters->size(), 1, detail::unlimited);
}

} // namespace

void check(execute_statement_request const& r) {
    check_statement(r.op, r.statement, r.parameters);
    if (r.next_token) detail::check_text(r.op, {}, "next_token", *r.next_token, 1, max_page_token_length);
    if (r.limit) detail::check_range(r.op, {}, "limit", *r.limit, 1, detail::unlimited);
}

void check(batch_execute_statement_request const& r) {
    detail::check_count(r.op, {}, "statements", r.statements.size(), 1, detail::max_batch_statements);
    for (batch_statement_request const& one : r.statements) check_statement(r.op, one.statement, one.parameters);
}

void check(execute_transaction_request const& r) {
    detail::check_count(r.op, {}, "transact_statements", r.transact_statements.size(), 1,
                        detail::max_transaction_actions);
    for (parameterized_statement const& one : r.transact_statements)
        check_statement(r.op, one.statement, one.parameters);
    if (r.client_request_token)
        detail::check_text(r.op, {}, "client_request_token", *r.client_request_token, 1, max_request_token_length);
}

bool is_repeatable(execute_statement_request const& r) noexcept { return detail::is_select(r.statement); }
bool is_repeatable(batch_execute_statement_request const& r) noexcept {
    return std::all_of(r.statements.begin(), r.statements.end(),
                       [](batch_statement_request const& one) { return detail::is_select(one.statement); });
}

} // namespace dynasio::dynamodb
