#ifndef DYNASIO_TESTS_NAMES_PAGES_HPP
#define DYNASIO_TESTS_NAMES_PAGES_HPP

// The code of README.md and docs/, word for word, among the names that are in scope where this is included. What these
// files include is included already, by neighbours.hpp.

#include "../../examples/minimal/minimal.cpp"
namespace client_page { // a program has one main
#include "docs/client_program.cpp"
}
#include "docs/client_test.cpp"
#include "docs/orm_test.cpp"

namespace {

// A function of a program with a server of its own: the names of Beast and of Lambda beside the opened words.
asio::awaitable<http::response<http::string_body>> answer(dynasio::client db, http::request<http::string_body> request,
                                                          aws::lambda_runtime::invocation_request event) {
    using namespace dynasio::dsl;
    repository<guide::User> users(db);
    auto const users_of_a_city = users.where(field<&guide::User::city> == event.payload, field<&guide::User::age> > 17)
                                     .order(descending<&guide::User::age>)
                                     .limit(20)
                                     .options(call_options().timeout(2s));
    auto const found = co_await as_result(users_of_a_city.page(20, cursor(std::string(request.target()))));
    bool const cancelled = found.has_error() && found.error().code == net::error::operation_aborted;
    http::response<http::string_body> response(http::status::ok, request.version());
    if (cancelled) response.result(http::status::service_unavailable);
    response.set(http::field::server, "dynasio");
    co_return response;
}

} // namespace

#endif
