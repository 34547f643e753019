#ifndef DYNASIO_TESTS_UNIT_ORM_LOAD_LOAD_FIXTURE_HPP
#define DYNASIO_TESTS_UNIT_ORM_LOAD_LOAD_FIXTURE_HPP

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <orm/load/loader.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "support/error_of.hpp"

// Conversations with the loader: what it wants to send, and answers made up by the test.
namespace load_test {

namespace json = boost::json;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::error;
using dynasio::load_node;
using dynasio::detail::loader;
using dynasio::detail::loader_options;
using load_request = loader::request;
using load_time = loader::time_point;
using dynasio::dynamodb::operation;

using dynasio::test::error_of;

inline json::object s(std::string_view text) { return {{"S", text}}; }
inline json::object n(std::int64_t number) { return {{"N", std::to_string(number)}}; }

inline json::object user(std::string_view id, std::string_view name = "") {
    return {{"id", s(id)}, {"name", s(name)}, {"version", n(1)}};
}
inline json::object profile(std::string_view id, std::string_view user_id) {
    return {{"id", s(id)}, {"user_id", s(user_id)}, {"bio", s("bio of " + std::string(user_id))}};
}
inline json::object post(std::string_view id, std::string_view author, std::int64_t score = 0,
                         std::string_view editor = "") {
    json::object made{
        {"id", s(id)}, {"author_id", s(author)}, {"title", s("title of " + std::string(id))}, {"score", n(score)}};
    if (!editor.empty()) made["editor_id"] = s(editor);
    return made;
}
inline json::object comment(std::string_view id, std::string_view post_id, std::string_view author = "") {
    return {{"id", s(id)}, {"post_id", s(post_id)}, {"author_id", s(author)}};
}
inline json::object role(std::string_view id) { return {{"id", s(id)}, {"name", s("role " + std::string(id))}}; }

/// The ids of what a handle holds, in its order.
std::string ids(auto const& range) {
    std::string out;
    for (auto const& e : range) out += (out.empty() ? "" : " ") + e.id;
    return out;
}

inline std::string page_of(std::initializer_list<json::object> items, json::value last_key = nullptr) {
    json::object body{{"Count", items.size()}, {"ScannedCount", items.size()}};
    json::array list;
    for (auto const& i : items) list.push_back(i);
    body["Items"] = std::move(list);
    if (!last_key.is_null()) body["LastEvaluatedKey"] = std::move(last_key);
    return json::serialize(body);
}

using table_items = std::pair<std::string_view, std::vector<json::object>>;
inline std::string batch_of(std::vector<table_items> const& tables, std::vector<table_items> const& unprocessed = {}) {
    json::object responses, rest;
    for (auto const& [table, items] : tables) {
        json::array list;
        for (auto const& i : items) list.push_back(i);
        responses[table] = std::move(list);
    }
    for (auto const& [table, keys] : unprocessed) {
        json::array list;
        for (auto const& k : keys) list.push_back(k);
        rest[table] = json::object{{"Keys", std::move(list)}};
    }
    return json::serialize(json::object{{"Responses", responses}, {"UnprocessedKeys", rest}});
}

/// The keys that a BatchGetItem asks for: "table id".
inline std::set<std::string> keys_in(load_request const& r) {
    EXPECT_EQ(r.op, operation::batch_get_item);
    std::set<std::string> keys;
    auto const body = json::parse(r.body);
    for (auto const& [table, what] : body.at("RequestItems").as_object())
        for (auto const& key : what.at("Keys").as_array()) {
            std::string text(table);
            for (auto const& [name, value] : key.as_object())
                text += ' ' + std::string(value.as_object().begin()->value().as_string());
            EXPECT_TRUE(keys.insert(text).second) << "asked for twice: " << text;
        }
    return keys;
}
using key_set = std::set<std::string>;

/// A Query with its placeholders filled in: `users index by_email: email = {"S":"a"}`.
inline std::string text_of(load_request const& r) {
    auto const body = json::parse(r.body).as_object();
    auto const resolve = [&](std::string_view member) {
        std::string out, text(body.at(member).as_string());
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] != '#' && text[i] != ':') {
                out += text[i++];
                continue;
            }
            auto const end = std::min(text.find_first_not_of("0123456789", i + 1), text.size());
            auto const name = text.substr(i, end - i);
            if (name[0] == '#')
                out += body.at("ExpressionAttributeNames").at(name).as_string();
            else
                out += json::serialize(body.at("ExpressionAttributeValues").at(name));
            i = end;
        }
        return out;
    };
    std::string out(body.at("TableName").as_string());
    if (body.contains("IndexName")) out += " index " + std::string(body.at("IndexName").as_string());
    if (body.contains("KeyConditionExpression")) out += ": " + resolve("KeyConditionExpression");
    if (body.contains("FilterExpression")) out += " filter " + resolve("FilterExpression");
    if (body.contains("ScanIndexForward")) out += body.at("ScanIndexForward").as_bool() ? " forward" : " backward";
    if (body.contains("ConsistentRead")) out += " consistent";
    if (body.contains("Limit")) out += " limit " + json::serialize(body.at("Limit"));
    if (body.contains("ExclusiveStartKey")) out += " after " + json::serialize(body.at("ExclusiveStartKey"));
    return out;
}

class load_conversation : public testing::Test {
protected:
    /// The next request, which there must be.
    load_request next() {
        auto r = g().next(now);
        EXPECT_TRUE(r.has_value());
        if (!r) throw std::runtime_error("no request");
        EXPECT_TRUE(seen.insert(r->id).second) << "ids are unique";
        return std::move(*r);
    }
    std::vector<load_request> all() {
        std::vector<load_request> requests;
        while (auto r = g().next(now)) requests.push_back(std::move(*r));
        return requests;
    }
    std::vector<std::string> texts(std::vector<load_request> const& requests) {
        std::vector<std::string> out;
        for (auto const& r : requests) out.push_back(text_of(r));
        return out;
    }
    bool has_next() { return g().next(now).has_value(); }
    /// The relation that a request is for, or the entity that the load begins with.
    std::string path_of(load_request const& r) {
        dynasio::diagnostics d;
        g().describe(r.id, d);
        return d.relation_path.empty() ? d.entity : d.relation_path;
    }
    void answer(load_request const& r, std::string const& body, double jitter = 0.5) {
        g().on_answer(r.id, body, now, jitter);
    }
    void finish() {
        EXPECT_TRUE(g().done());
        EXPECT_FALSE(has_next());
        g().finish();
    }
    loader& g() {
        if (!loader_) loader_ = std::make_unique<loader>(options);
        return *loader_;
    }
    void restart() {
        loader_.reset();
        seen.clear();
    }

    template <class T, class... Includes> void start(std::vector<T>& entities, Includes... includes) {
        std::vector<void*> pointers;
        for (auto& e : entities) pointers.push_back(&e);
        g().start_with_entities(entity_type_of<T>(), std::move(pointers), children(std::move(includes)...));
    }
    template <class T, class... Includes> void start(T& entity, Includes... includes) {
        std::vector<void*> pointers(1, &entity);
        g().start_with_entities(entity_type_of<T>(), std::move(pointers), children(std::move(includes)...));
    }
    template <class... Includes> static std::vector<load_node> children(Includes... includes) {
        std::vector<load_node> nodes;
        (nodes.push_back(dynasio::detail::access::node(std::move(includes))), ...);
        return nodes;
    }
    static shop::User a_user(std::string const& id) {
        shop::User u;
        u.id = id;
        return u;
    }
    static shop::Post a_post(std::string const& id, std::string const& author) {
        shop::Post p;
        p.id = id;
        p.author_id = author;
        return p;
    }

    loader_options options{};
    load_time now{std::chrono::seconds(1000)};

private:
    std::unique_ptr<loader> loader_;
    std::set<std::size_t> seen;
};

} // namespace load_test

#endif
