#ifndef DYNASIO_ORM_STATEMENT_HPP
#define DYNASIO_ORM_STATEMENT_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/expression.hpp>
#include <dynasio/orm/query.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio {

/// Entities that a PartiQL statement selects: a value, made by repository::statement(). The service evaluates the whole
/// statement; the library checks that it is a SELECT from the entity's table, and puts the client's prefix before the
/// table's name. The scopes of queries do not apply: trashed entities, and those that where_always() leaves out, are
/// given when the statement selects them. Hooks of after_read are called.
///
/// A statement whose condition does not compare the partition key of the table or of the index that it names reads the
/// whole table, page by page, and there is no explain() that shows it. Nothing is known about the order of its
/// entities. See repository for executor, cancellation, deadline and errors; what the service has against a statement
/// is service_errc::validation.
///
/// `Form` is an entity, tracked<an entity>, or a projection.
template <class Form> class statement {
    using T = detail::entity_in<Form>;

public:
    /// call_options, report_to, consistent (not for an index) and on_bad_item.
    template <class... Options> [[nodiscard]] statement with_options(Options const&... options) const {
        constexpr bool fits = (detail::call_option<Options> && ...);
        static_assert(fits,
                      "dynasio: a statement takes call_options, report_to, consistent and on_bad_item; everything "
                      "else stands in its text");
        statement copy = *this;
        if constexpr (fits) (detail::apply_call_option(copy.spec_.options, options), ...);
        return copy;
    }

    /// All entities. All of them are in memory at the same time. Sends one ExecuteStatement for each page of up to 1
    /// MB.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<Form>>
    all() const {
        return detail::take_all<Form>(detail::run_statement(engine_, entity_type_of<T>(), spec_));
    }
    /// One page: the entities among the next `size` ones that the service looks at, which may be none although more
    /// follow, and the cursor for the page after them. Sends one ExecuteStatement. The cursor is the service's token,
    /// which is valid for a day, for the same statement with the same values.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<dynasio::page<Form>>
    page(std::size_t size, cursor const& from = {}) const {
        auto spec = spec_;
        spec.page = size;
        spec.token = from.text();
        return detail::take_page<Form>(detail::run_statement(engine_, entity_type_of<T>(), std::move(spec)));
    }

private:
    friend struct detail::access;
    statement(detail::engine_ptr engine, detail::statement_spec spec)
        : engine_(std::move(engine)), spec_(std::move(spec)) {}

    detail::engine_ptr engine_;
    detail::statement_spec spec_;
};

namespace detail {

template <class... Values> statement_spec lower_statement(std::string_view text, Values const&... values) {
    constexpr bool positional = (!is_named_value<Values> && ...);
    static_assert(positional, "dynasio: the values of a statement stand for its question marks, in their order");
    statement_spec spec;
    spec.text = text;
    if constexpr (positional) {
        try {
            std::size_t place = 0;
            (spec.values.push_back(operand_of_text(values, "value " + std::to_string(++place))), ...);
        } catch (error const&) {
            spec.failed = std::current_exception();
        }
    }
    return spec;
}

} // namespace detail

} // namespace dynasio

#endif
