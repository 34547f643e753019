#include <dynasio/testing/detail/request_facts.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>

namespace dynasio::testing::detail {

namespace {

using dynamodb::json_reader;

class facts_reader {
public:
    facts_reader(std::string_view operation, std::string_view body, request_facts& out)
        : operation_(operation), in_(body), out_(out) {}

    void read() {
        if (operation_ == "BatchGetItem" || operation_ == "BatchWriteItem") {
            member("RequestItems", [&] { batch(); });
        } else if (operation_ == "TransactGetItems" || operation_ == "TransactWriteItems") {
            member("TransactItems", [&] { transaction(); });
        } else {
            one_request();
        }
    }

private:
    /// Reads the next object and calls `read_value` for its members named `wanted`.
    template <class ReadValue> void member(std::string_view wanted, ReadValue read_value) {
        std::string_view name;
        in_.enter_object();
        while (in_.next_member(name)) {
            if (name == wanted)
                read_value();
            else
                in_.skip_value();
        }
    }

    void one_request() {
        std::string_view name;
        in_.enter_object();
        while (in_.next_member(name)) {
            if (name == "TableName")
                table(in_.read_string());
            else if (name == "IndexName")
                out_.index = in_.read_string();
            else if (name == "Key" || (name == "Item" && operation_ != "GetItem"))
                key();
            else
                in_.skip_value();
        }
    }

    void batch() {
        std::string_view name;
        in_.enter_object();
        while (in_.next_member(name)) {
            table(name);
            if (operation_ == "BatchGetItem") {
                member("Keys", [&] {
                    in_.enter_array();
                    while (in_.next_element()) key();
                });
            } else {
                in_.enter_array();
                while (in_.next_element()) write_request();
            }
        }
    }

    void write_request() {
        std::string_view kind;
        in_.enter_object();
        while (in_.next_member(kind)) {
            if (kind == "PutRequest")
                member("Item", [&] { key(); });
            else if (kind == "DeleteRequest")
                member("Key", [&] { key(); });
            else
                in_.skip_value();
        }
    }

    void transaction() {
        std::string_view kind;
        in_.enter_array();
        while (in_.next_element()) {
            in_.enter_object();
            while (in_.next_member(kind)) one_request();
        }
    }

    void table(std::string_view name) {
        if (std::ranges::find(out_.tables, name) == out_.tables.end()) out_.tables.emplace_back(name);
    }

    void key() { out_.keys.push_back(canonical_key(in_.skip_value())); }

    std::string_view operation_;
    json_reader in_;
    request_facts& out_;
};

} // namespace

request_facts read_request_facts(std::string_view operation, std::string_view body) {
    request_facts facts;
    try {
        facts_reader(operation, body, facts).read();
    } catch (error const&) {
        // The error is ignored: the upstream refuses such a request, and the facts read so far still identify it.
    }
    return facts;
}

std::string canonical_key(std::string_view json) {
    try {
        json_reader in(json);
        auto const attributes = dynamodb::read_item(in);
        in.finish();
        std::string text = "{";
        for (auto const& [name, value] : attributes) {
            if (text.size() > 1) text += ',';
            dynamodb::append_json_string(text, name);
            text += ':';
            if (value.type() == dynamodb::attribute_type::number) {
                auto const spelled = dynamodb::canonical_number(value.as_number().text());
                if (spelled.empty()) return std::string(json);
                dynamodb::append_number_attribute(text, spelled);
            } else {
                dynamodb::append_json(text, value);
            }
        }
        text += '}';
        return text;
    } catch (error const&) {
        return std::string(json);
    }
}

std::string_view operation_of_target(std::string_view amz_target) noexcept {
    auto const dot = amz_target.rfind('.');
    return dot == std::string_view::npos ? amz_target : amz_target.substr(dot + 1);
}

bool is_transaction(std::string_view operation) noexcept {
    return operation == "TransactWriteItems" || operation == "TransactGetItems" || operation == "ExecuteTransaction";
}

std::size_t transaction_size(std::string_view operation, std::string_view body) {
    if (!is_transaction(operation)) return 0;
    std::string_view const wanted = operation == "ExecuteTransaction" ? "TransactStatements" : "TransactItems";
    std::size_t size = 0;
    try {
        json_reader in(body);
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name != wanted) {
                in.skip_value();
                continue;
            }
            in.enter_array();
            while (in.next_element()) {
                in.skip_value();
                ++size;
            }
        }
    } catch (error const&) {
        // The error is ignored: the body is not JSON, and the number counted so far is used.
    }
    return size;
}

} // namespace dynasio::testing::detail
