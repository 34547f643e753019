#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <exception>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

using namespace dynasio;

template <class Enum> void expect_distinct_messages(int last, boost::system::error_category const& category) {
    std::set<std::string> seen;
    for (int value = 1; value <= last; ++value) {
        std::string const text = category.message(value);
        EXPECT_TRUE(seen.insert(text).second) << value << ": " << text;
        EXPECT_EQ(text.find("unknown client error"), std::string::npos) << value;
        EXPECT_EQ(text.find("unknown service error"), std::string::npos) << value;
        EXPECT_EQ(text.find("unknown transport error"), std::string::npos) << value;
        char buffer[8];
        EXPECT_STREQ(category.message(value, buffer, sizeof buffer), text.c_str());
        EXPECT_EQ(make_error_code(static_cast<Enum>(value)).value(), value);
    }
    EXPECT_EQ(category.message(last + 1).substr(0, 7), "unknown");
}

TEST(error_categories, have_names_of_their_own) {
    EXPECT_STREQ(client_category().name(), "dynasio.client");
    EXPECT_STREQ(service_category().name(), "dynasio.service");
    EXPECT_STREQ(transport_category().name(), "dynasio.transport");
}

TEST(error_categories, differ_from_each_other_for_the_same_value) {
    EXPECT_NE(error_code(1, client_category()), error_code(1, service_category()));
    EXPECT_NE(error_code(1, service_category()), error_code(1, transport_category()));
    EXPECT_EQ(error_code(errc::not_found), make_error_code(errc::not_found));
}

TEST(error_categories, say_something_else_for_each_client_code) {
    expect_distinct_messages<errc>(static_cast<int>(errc::repeated_reads), client_category());
}

TEST(error_categories, say_something_for_each_service_code) {
    for (int value = 1; value <= static_cast<int>(service_errc::validation); ++value)
        EXPECT_EQ(service_category().message(value).find("unknown service error"), std::string::npos) << value;
    EXPECT_EQ(service_category().message(static_cast<int>(service_errc::validation) + 1), "unknown service error");
}

TEST(error_categories, say_something_else_for_each_transport_code) {
    expect_distinct_messages<transport_errc>(static_cast<int>(transport_errc::response_too_large),
                                             transport_category());
}

TEST(error_categories, convert_to_std_error_code_and_back) {
    std::error_code const standard = make_error_code(errc::stale_version);
    EXPECT_STREQ(standard.category().name(), "dynasio.client");
    EXPECT_EQ(error_code(standard), errc::stale_version);
}

diagnostics full_diagnostics() {
    diagnostics d;
    d.message = "the item is gone";
    d.operation = "PutItem";
    d.table = "dev_users";
    d.index = "by_email";
    d.entity = "User";
    d.attribute = "age";
    d.relation_path = "User.posts";
    d.request_id = "ABC123";
    d.service_code = "ConditionalCheckFailedException";
    d.service_message = "The conditional request failed";
    d.missing_keys = {R"({"id":"1"})", R"({"id":"2"})"};
    d.item = R"({"secret":"do not print"})";
    d.http_status = 400;
    d.attempts = 3;
    d.outcome_unknown = true;
    return d;
}

TEST(failure_text, names_everything_that_applies_on_one_line) {
    failure const f(errc::stale_version, full_diagnostics());
    EXPECT_EQ(
        f.to_string(),
        "the item was changed by somebody else: the item is gone; read it again [operation PutItem, table "
        "dev_users, index by_email, entity User, attribute age, relation User.posts, missing keys 2 "
        "({\"id\":\"1\"}, {\"id\":\"2\"}), service code ConditionalCheckFailedException, service message \"The "
        "conditional request failed\", HTTP status 400, request id ABC123, attempts 3, outcome unknown: the write "
        "may have happened]");
}

TEST(failure_text, names_a_relation_once) {
    diagnostics d;
    d.table = "posts";
    d.relation_path = "User.posts";
    d.message = "4 more for User.posts; the budget is 3 requests";
    EXPECT_EQ(
        failure(errc::load_budget_exceeded, d).to_string(),
        "the load would cost more than its budget: 4 more for User.posts; the budget is 3 requests [table posts]");
    for (auto const* const other :
         {"User.posts.comments", "User.posts2", "SuperUser.posts", "Note.User.posts", "User"}) {
        d.message = std::string("something about ") + other + "; look there";
        EXPECT_NE(failure(errc::load_budget_exceeded, d).to_string().find("relation User.posts]"), std::string::npos)
            << other;
    }
}

TEST(failure_text, says_once_what_to_do) {
    diagnostics d;
    d.message = "the entity User was changed since it was read; read it again and repeat the change";
    EXPECT_EQ(failure(errc::stale_version, d).to_string(),
              "the item was changed by somebody else: the entity User was changed since it was read; read it again and "
              "repeat the change");
    d.message = "the name is longer than 255 bytes";
    EXPECT_EQ(failure(errc::invalid_argument, d).to_string(),
              "an argument breaks a documented rule: the name is longer than 255 bytes; change it")
        << "facts stand before what to do";
    EXPECT_EQ(failure(errc::not_found, d).to_string(), "no item has this key: the name is longer than 255 bytes");
    d.message = "page() has a size of its own: leave out limit()";
    EXPECT_EQ(failure(errc::invalid_argument, d).to_string(),
              failure(errc::invalid_argument, diagnostics())
                      .to_string()
                      .substr(0, failure(errc::invalid_argument, diagnostics()).to_string().find(": ")) +
                  ": page() has a size of its own: leave out limit()");
}

TEST(failure_text, is_the_code_alone_when_nothing_else_is_known) {
    EXPECT_EQ(failure(errc::not_found, diagnostics()).to_string(), "no item has this key");
    EXPECT_EQ(failure().to_string(), error_code().message());
}

TEST(failure_text, lists_the_first_keys_and_counts_the_rest) {
    diagnostics d;
    d.missing_keys = {"1", "2", "3", "4", "5"};
    EXPECT_EQ(failure(errc::batch_incomplete, d).to_string(),
              "some keys or items stayed unprocessed: try these again [missing keys 5 (1, 2, 3, ...)]");
}

TEST(failure_text, never_prints_the_item) {
    EXPECT_EQ(failure(errc::stale_version, full_diagnostics()).to_string().find("do not print"), std::string::npos);
}

TEST(failure_text, escapes_what_could_break_the_line_or_steer_a_terminal) {
    diagnostics d;
    d.service_message = "a\r\nb\tc\x1b[31md\x7f"
                        "e\xc2\x85"
                        "f\xe2\x80\xae"
                        "g";
    d.service_code = "X\nY";
    d.request_id = std::string("r\0s", 3);
    std::string const text = failure(service_errc::validation, d).to_string();
    EXPECT_NE(text.find(R"(service code X\nY, service message "a\r\nb\tc\x1b[31md\x7fe\xc2\x85f\xe2\x80\xaeg")"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(request id r\x00s)"), std::string::npos) << text;
    for (char const c : text) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

TEST(failure_text, leaves_other_unicode_alone) {
    diagnostics d;
    d.table = "Grüße_ሴ_é";
    EXPECT_NE(failure(errc::not_found, d).to_string().find("Grüße_ሴ_é"), std::string::npos);
}

TEST(failure_text, escapes_what_is_no_utf8) {
    diagnostics d;
    d.attribute = "a\xff\xc3z\xed\xa0\x80";
    EXPECT_NE(failure(errc::invalid_argument, d).to_string().find(R"(attribute a\xff\xc3z\xed\xa0\x80])"),
              std::string::npos);
    d.attribute = std::string(5000, '\x80');
    EXPECT_NE(failure(errc::invalid_argument, d).to_string().find(R"(\x80...)"), std::string::npos);
}

TEST(failure_text, tells_the_status_of_an_answer_without_a_code) {
    diagnostics d;
    d.http_status = 404;
    EXPECT_EQ(
        failure(service_errc::unknown, d).to_string().find("the endpoint answered with status 404 and no error code"),
        0u);
    d.service_code = "Strange";
    EXPECT_EQ(failure(service_errc::unknown, d).to_string().find("the service reported an error that this version"),
              0u);
}

TEST(failure_text, cuts_long_service_text_between_characters) {
    diagnostics d;
    d.service_message = std::string(1023, 'x') + "é" + std::string(100'000, 'y');
    std::string const text = failure(service_errc::validation, d).to_string();
    EXPECT_NE(text.find(std::string(1023, 'x') + "...\""), std::string::npos);
    EXPECT_LT(text.size(), 1300u);
}

TEST(failure_text, calls_an_aborted_operation_cancelled) {
    EXPECT_EQ(failure(boost::asio::error::operation_aborted, diagnostics()).to_string(), "cancelled");
}

TEST(error_exception, shows_the_failures_text_and_gives_it_back) {
    failure const f(errc::stale_version, full_diagnostics());
    error const e(f);
    EXPECT_EQ(e.what(), f.to_string());
    EXPECT_EQ(e.code(), errc::stale_version);
    EXPECT_EQ(e.info().table, "dev_users");
    EXPECT_EQ(e.as_failure().info, f.info);
}

TEST(error_exception, has_empty_diagnostics_when_made_from_a_bare_failure) {
    error const e{failure(make_error_code(errc::not_found), std::shared_ptr<diagnostics const>())};
    EXPECT_EQ(e.info().table, "");
    EXPECT_STREQ(e.what(), "no item has this key");
}

TEST(error_exception, outlives_the_copy_it_was_made_from) {
    std::optional<error> first(std::in_place, make_error_code(errc::not_found), full_diagnostics());
    error const second = *first;
    first.reset();
    EXPECT_EQ(second.info().operation, "PutItem");
    EXPECT_NE(std::strstr(second.what(), "PutItem"), nullptr);
}

TEST(throw_error, throws_code_and_message) {
    try {
        throw_error(errc::invalid_argument, "limit is 0: give a positive one");
        FAIL();
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_EQ(e.info().message, "limit is 0: give a positive one");
    }
}

TEST(throw_error, throws_diagnostics_as_given) {
    try {
        throw_error(errc::invalid_argument, full_diagnostics());
        FAIL();
    } catch (boost::system::system_error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_NE(std::strstr(e.what(), "dev_users"), nullptr);
    }
}

failure caught(std::exception_ptr thrown) {
    try {
        std::rethrow_exception(std::move(thrown));
    } catch (...) {
        return current_failure();
    }
}

TEST(current_failure, keeps_the_diagnostics_of_our_errors) {
    error const e(make_error_code(errc::not_found), full_diagnostics());
    failure const f = caught(std::make_exception_ptr(e));
    EXPECT_EQ(f.code, errc::not_found);
    EXPECT_EQ(f.info, e.as_failure().info);
}

TEST(current_failure, takes_the_code_of_other_system_errors) {
    failure const boost_failure =
        caught(std::make_exception_ptr(boost::system::system_error(error_code(boost::asio::error::operation_aborted))));
    EXPECT_EQ(boost_failure.code, boost::asio::error::operation_aborted);
    ASSERT_NE(boost_failure.info, nullptr);
    failure const std_failure =
        caught(std::make_exception_ptr(std::system_error(std::make_error_code(std::errc::timed_out))));
    EXPECT_EQ(std_failure.code, boost::system::errc::timed_out);
}

TEST(current_failure, rethrows_what_no_operation_throws) {
    EXPECT_THROW(caught(std::make_exception_ptr(std::logic_error("bug"))), std::logic_error);
}

boost::asio::awaitable<int> give_seven() { co_return 7; }

boost::asio::awaitable<int> fail_with_not_found() {
    throw_error(errc::not_found, "gone");
    co_return 0;
}

boost::asio::awaitable<void> succeed() { co_return; }

boost::asio::awaitable<int> fail_with_logic_error() {
    throw std::logic_error("bug");
    co_return 0;
}

template <class T> result<T> run(boost::asio::awaitable<result<T>> op) {
    boost::asio::io_context context;
    std::optional<result<T>> got;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(op), [&](std::exception_ptr e, result<T> r) {
        thrown = e;
        got.emplace(std::move(r));
    });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(got).value();
}

TEST(as_result, gives_the_value) { EXPECT_EQ(run<int>(as_result(give_seven())).value(), 7); }

TEST(as_result, gives_the_failure_and_value_throws_it_again) {
    auto const r = run<int>(as_result(fail_with_not_found()));
    ASSERT_TRUE(r.has_error());
    EXPECT_EQ(r.error().code, errc::not_found);
    try {
        (void)r.value();
        FAIL();
    } catch (error const& e) {
        EXPECT_EQ(e.info().message, "gone");
    }
}

TEST(as_result, works_without_a_value) { EXPECT_TRUE(run<void>(as_result(succeed())).has_value()); }

boost::asio::awaitable<int> fail_with_std_error() {
    throw std::system_error(std::make_error_code(std::errc::timed_out));
    co_return 0;
}

TEST(as_result, gives_the_code_of_standard_errors) {
    EXPECT_EQ(run<int>(as_result(fail_with_std_error())).error().code, boost::system::errc::timed_out);
}

TEST(as_result, lets_other_exceptions_pass) {
    EXPECT_THROW((void)run<int>(as_result(fail_with_logic_error())), std::logic_error);
}

TEST(error_context_test, adds_what_is_not_known_yet) {
    diagnostics d;
    d.message = "the item is gone";
    d.table = "users";
    d.attempts = 2;
    error_context context;
    context.operation = "GetItem";
    context.table = "other";
    context.index = "by_email";
    context.entity = "User";
    context.attribute = "id";
    context.relation_path = "User.posts";
    context.request_id = "R";
    context.http_status = 200;
    context.attempts = 5;
    add_context(d, context);
    EXPECT_EQ(d.message, "the item is gone");
    EXPECT_EQ(d.operation, "GetItem");
    EXPECT_EQ(d.table, "users") << "what was known stays";
    EXPECT_EQ(d.index, "by_email");
    EXPECT_EQ(d.entity, "User");
    EXPECT_EQ(d.attribute, "id");
    EXPECT_EQ(d.relation_path, "User.posts");
    EXPECT_EQ(d.request_id, "R");
    EXPECT_EQ(d.http_status, 200U);
    EXPECT_EQ(d.attempts, 2U);
    EXPECT_FALSE(d.outcome_unknown);
    add_context(d, {.outcome_unknown = true});
    add_context(d, {});
    EXPECT_TRUE(d.outcome_unknown) << "no level takes it back";
}

TEST(error_context_test, the_code_stays_when_an_error_goes_on) {
    try {
        rethrow_with(error(errc::not_found, diagnostics()), {.table = "users", .entity = "User"});
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::not_found);
        EXPECT_EQ(e.info().entity, "User");
        EXPECT_NE(std::string(e.what()).find("table users"), std::string::npos) << e.what();
    }
}

} // namespace
