#ifndef DYNASIO_ORM_EXPLAIN_LOAD_HPP
#define DYNASIO_ORM_EXPLAIN_LOAD_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/options.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace dynasio {

/// The plan of a load of relations for `owners` entities that the program has, as text: what query::explain() is for
/// queries. `explain_load<User>(db, 40, with<&User::posts>(limit(5)), load_assumptions())` is the plan of
/// `users.load(list, with<&User::posts>(limit(5)))` for a list of 40; without load_assumptions it has no estimates.
/// Takes what load() takes. Sends nothing. Throws the errors that the load would throw before its first request.
template <class T, class... Options>
[[nodiscard]] std::string explain_load(client const& db, std::size_t owners, Options&&... options) {
    std::vector<load_node> children;
    detail::operation_options settings;
    (detail::apply_read_option<T>(children, settings, std::forward<Options>(options)), ...);
    return detail::explain_relations(client_access::engine(db), entity_type_of<T>(), owners, std::move(children),
                                     settings);
}

namespace dsl {

using dynasio::explain_load;

} // namespace dsl

} // namespace dynasio

#endif
