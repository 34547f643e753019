#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/field.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <orm/wire/cursor.hpp>
#include <string>

#include "../model.hpp"

namespace {

using namespace dynasio;
using shop::Post;
using shop::User;

template <class... Options> detail::query_spec query_of_posts(Options... options) {
    detail::query_spec plan;
    plan.type = &entity_type_of<Post>();
    detail::apply_options<Post>(plan, std::move(options)...);
    return plan;
}

std::string identity(detail::query_spec const& plan) { return detail::cursor_identity(plan); }

template <class Action> error_code code_of(Action action) {
    try {
        action();
    } catch (error const& e) {
        return e.code();
    }
    return {};
}

std::string const last_key = R"({"id":{"S":"p>?~ü1"},"author_id":{"S":"u"},"score":{"N":"-1.5"}})";

TEST(cursor, leads_back_to_the_key) {
    auto const id = identity(query_of_posts(field<&Post::author_id> == "u"));
    EXPECT_EQ(detail::decode_cursor(id, detail::encode_cursor(id, last_key)), last_key);
}

TEST(cursor, is_text_for_links) {
    std::string const id = "any";
    for (std::string filler; filler.size() < 200; filler += "~?>") {
        std::string const key = R"({"id":{"S":")" + filler + R"("}})";
        auto const text = detail::encode_cursor(id, key);
        EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                  std::string::npos)
            << text;
        EXPECT_EQ(detail::decode_cursor(id, text), key);
    }
}

TEST(cursor, belongs_to_its_query) {
    auto const own = identity(query_of_posts(field<&Post::author_id> == "u"));
    auto const text = detail::encode_cursor(own, last_key);
    auto scan = query_of_posts(field<&Post::author_id> == "u");
    scan.scan = true;
    for (auto const& other :
         {query_of_posts(field<&Post::author_id> == "v"), query_of_posts(field<&Post::author_id> == "u", newest_first),
          query_of_posts(field<&Post::author_id> == "u", ascending<&Post::score>),
          query_of_posts(field<&Post::author_id> == "u", field<&Post::score> > 1), scan}) {
        EXPECT_EQ(code_of([&] { (void)detail::decode_cursor(identity(other), text); }), errc::invalid_cursor);
    }
    EXPECT_EQ(detail::decode_cursor(identity(query_of_posts(field<&Post::author_id> == "u", limit(7))), text), last_key)
        << "the size of pages may change";
}

TEST(cursor, tells_queries_apart_that_differ_in_bytes_only) {
    auto const query_of = [](std::string bytes) {
        auto query = query_of_posts(field<&Post::author_id> == "u");
        query.select.where =
            std::move(query.select.where) &&
            dynamodb::condition(dynamodb::condition::kind::equal, "title", {R"({"B":")" + bytes + R"("})"});
        return query;
    };
    auto const text = detail::encode_cursor(identity(query_of("YQ==")), last_key);
    EXPECT_EQ(code_of([&] { (void)detail::decode_cursor(identity(query_of("Yg==")), text); }), errc::invalid_cursor);
    EXPECT_EQ(detail::decode_cursor(identity(query_of("YQ==")), text), last_key);
}

TEST(cursor, that_is_damaged_is_an_error) {
    auto const id = identity(query_of_posts(field<&Post::author_id> == "u"));
    auto const good = detail::encode_cursor(id, last_key);
    auto const refuses = [&](std::string const& text) {
        EXPECT_EQ(code_of([&] { (void)detail::decode_cursor(id, text); }), errc::invalid_cursor) << text;
    };
    refuses("");
    refuses("x");
    refuses(good.substr(0, 16));
    for (std::size_t size = 17; size + 1 < good.size(); ++size) refuses(good.substr(0, size));
    refuses(good + "A");
    refuses(good + "=");
    refuses(good.substr(0, 20) + "!" + good.substr(21));
    refuses(detail::encode_cursor(id, "[]"));
    refuses(detail::encode_cursor(id, R"({"id":"no attribute value"})"));
    refuses(detail::encode_cursor(id, R"({"id":{"S":"1"},"id":{"S":"2"}})"));
    refuses(detail::encode_cursor(id, R"({"id":{"S":"a"}} {)"));
}

TEST(cursor, needs_an_order_that_a_path_has) {
    EXPECT_EQ(code_of([] {
                  (void)identity(query_of_posts(field<&Post::author_id> == "u", ascending<&Post::title>, client_side));
              }),
              errc::no_usable_index);
    auto scan = query_of_posts(newest_first);
    scan.scan = true;
    EXPECT_EQ(code_of([&] { (void)identity(scan); }), errc::no_usable_index);
}

} // namespace
