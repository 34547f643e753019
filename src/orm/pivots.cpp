#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <utility>

#include "answers.hpp"
#include "drive.hpp"
#include "type/key_text.hpp"

// The rows of pivot tables: pk "{pivot_key}#{left id}", sk "{right id}", with both ids, the pivot key, the time of the
// first attach and a map of the application's own data beside them. Read from the left by the table's key, from the
// right by the index by_right (id_right, pivot_key).
namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::operation;

namespace {

struct row {
    relation_info const* declared; // the side that owns the rows
    std::string left;
    std::string right;
};

row row_of(relation_info const& relation, void const* owner, void const* target) {
    row r;
    r.declared = relation.inverse_relation ? &relation.inverse_relation() : &relation;
    auto const text = [&](entity_type const& type, void const* entity) {
        try {
            return detail::key_text(type, entity);
        } catch (error const& e) {
            diagnostics d = e.info();
            d.relation_path = relation.path();
            d.message = "both sides of " + d.relation_path + " must be saved before they can be linked: " + d.message;
            throw_error(errc::entity_not_saved, std::move(d));
        }
    };
    std::string own = text(relation.owner(), owner);
    std::string other = text(relation.target(), target);
    if (relation.inverse_relation) own.swap(other);
    r.left = std::move(own);
    r.right = std::move(other);
    return r;
}

void append_key(std::string& body, row const& r) {
    body += R"(,"Key":{"pk":)";
    dynamodb::append_string_attribute(body, r.declared->pivot_key + '#' + r.left);
    body += R"(,"sk":)";
    dynamodb::append_string_attribute(body, r.right);
    body += '}';
}

std::string begin_body(dynamodb::detail::engine& engine, row const& r) {
    std::string body = engine.borrow_body();
    body += R"({"TableName":)";
    dynamodb::append_json_string(body, engine.options().table_prefix + r.declared->pivot_table);
    append_key(body, r);
    return body;
}

std::string wire_of(dynasio::pivot const& data, relation_info const& relation, row const& r) {
    std::string out;
    try {
        dynamodb::append_json(out, dynamodb::attribute_value(data.extra()));
    } catch (error const& e) {
        diagnostics d = e.info(); // names the attribute
        d.operation = to_string(operation::update_item);
        d.table = r.declared->pivot_table;
        d.relation_path = relation.path();
        throw_error(e.code(), std::move(d));
    }
    return out;
}

asio::awaitable<bool> send(engine_ptr engine, operation op, std::string body, std::string path, call_options call) {
    dynamodb::detail::raw_request request{.op = op, .body = std::move(body), .repeatable = true, .options = call};
    bool existed = false;
    try {
        auto const reply = co_await engine->perform(std::move(request));
        existed = has_attributes(reply.body());
    } catch (error const& e) {
        diagnostics d = e.info();
        if (d.relation_path.empty()) d.relation_path = path;
        throw_error(e.code(), std::move(d));
    }
    co_return existed;
}

asio::awaitable<void> send_only(asio::awaitable<bool> op) { (void)co_await std::move(op); }

} // namespace

asio::awaitable<void> attach_link(engine_ptr engine, relation_info const& relation, void const* owner,
                                  void const* target, std::optional<dynasio::pivot> data, operation_options options) {
    return lowering<void>(engine, [&] {
        row const r = row_of(relation, owner, target);
        std::string body = begin_body(*engine, r);
        // One write that may be repeated: the first one sets created_at, later ones keep it; extra changes only when
        // given.
        dynamodb::expression_writer expressions;
        auto const wire = [](std::string_view text) {
            std::string out;
            dynamodb::append_string_attribute(out, text);
            return out;
        };
        std::string const created = expressions.name("created_at");
        std::string update = "SET " + expressions.name("pivot_key") + " = " +
                             expressions.value(wire(r.declared->pivot_key)) + ", " + expressions.name("id_left") +
                             " = " + expressions.value(wire(r.left)) + ", " + expressions.name("id_right") + " = " +
                             expressions.value(wire(r.right)) + ", " + created + " = if_not_exists(" + created + ", " +
                             expressions.value(wire(timestamp(engine->options().clock()).to_string())) + ")";
        std::string const extra = expressions.name("extra");
        if (data) {
            update += ", " + extra + " = " + expressions.value(wire_of(*data, relation, r));
        } else {
            update += ", " + extra + " = if_not_exists(" + extra + ", " + expressions.value(R"({"M":{}})") + ")";
        }
        body += R"(,"UpdateExpression":)";
        dynamodb::append_json_string(body, update);
        expressions.append_members(body);
        body += '}';
        auto op = send_only(send(engine, operation::update_item, std::move(body), relation.path(), options.call));
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

asio::awaitable<bool> detach_link(engine_ptr engine, relation_info const& relation, void const* owner,
                                  void const* target, operation_options options) {
    return lowering<bool>(engine, [&] {
        row const r = row_of(relation, owner, target);
        std::string body = begin_body(*engine, r);
        body += R"(,"ReturnValues":"ALL_OLD"})";
        auto op = send(engine, operation::delete_item, std::move(body), relation.path(), options.call);
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

} // namespace dynasio::detail
