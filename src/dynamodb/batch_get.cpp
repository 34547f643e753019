#include <dynasio/dynamodb/detail/batch_get.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace dynasio::dynamodb::detail {

batch_get_writer::batch_get_writer(std::string& out, std::string_view table_members)
    : out_(out), table_members_(table_members) {
    out_ += R"({"RequestItems":{)";
}

void batch_get_writer::begin_table(std::string_view table, std::string_view own_members) {
    if (!std::exchange(first_table_, false)) {
        out_ += ']';
        out_ += table_members_;
        out_ += own_members_;
        out_ += "},";
    }
    append_json_string(out_, table);
    out_ += R"(:{"Keys":[)";
    first_key_ = true;
    own_members_ = own_members;
}

void batch_get_writer::finish() {
    out_ += ']';
    out_ += table_members_;
    out_ += own_members_;
    out_ += "}}}";
}

namespace {

/// Checks that an object has no name twice, because parsers differ in which of two equal members they use. An object
/// with one member, which is the usual case, needs no list of names.
class unique_names {
public:
    std::string const& add(std::string_view name, json_reader const& in) {
        if (!current_.empty()) earlier_.push_back(std::move(current_));
        if (std::find(earlier_.begin(), earlier_.end(), name) != earlier_.end()) in.fail_repeated(name);
        return current_ = name;
    }

private:
    // A copy, because a name with escapes lies in a buffer of the reader that the next read overwrites.
    std::string current_{};
    std::vector<std::string> earlier_{};
};

/// Reads `{"table":[value, …], …}` or, for UnprocessedKeys, `{"table":{"Keys":[value, …]}, …}`. A null is treated as an
/// absent member or element.
class table_reader {
public:
    table_reader(json_reader& in, batch_get_sink& sink) : in_(in), sink_(sink) {}

    void read_items() {
        each_table([this] { each_element([&] { sink_.read_item(in_); }); });
    }
    void read_unprocessed() {
        each_table([this] {
            bool keys = false;
            std::string_view name;
            in_.enter_object();
            while (in_.next_member(name)) {
                if (name != "Keys") {
                    in_.skip_value();
                    continue;
                }
                if (std::exchange(keys, true)) in_.fail_repeated(name);
                if (in_.read_if_null()) continue;
                each_element([&] { sink_.read_unprocessed(in_); });
            }
        });
    }

private:
    template <class Read> void each_table(Read read) {
        unique_names tables;
        std::string_view name;
        in_.enter_object();
        while (in_.next_member(name)) {
            std::string const& table = tables.add(name, in_);
            if (in_.read_if_null()) continue;
            sink_.enter_table(table, in_);
            read();
        }
    }
    template <class Read> void each_element(Read read) {
        in_.enter_array();
        while (in_.next_element()) {
            // Nearly every element is an object; asking for null would cost each of them a call.
            if (in_.rest().starts_with('{') || !in_.read_if_null()) read();
        }
    }

    json_reader& in_;
    batch_get_sink& sink_;
};

} // namespace

void read_batch_get(std::string_view body, batch_get_sink& sink) {
    json_reader in(body);
    table_reader tables(in, sink);
    bool items = false;
    bool unprocessed = false;
    // Refuses a repeated member, because parsers differ in which of two equal members they use.
    auto const note = [&in](bool& seen, std::string_view member) {
        if (std::exchange(seen, true)) in.fail_repeated(member);
    };
    std::string_view member;
    in.enter_object();
    while (in.next_member(member)) {
        if (in.read_if_null()) continue;
        if (member == "Responses") {
            note(items, member);
            tables.read_items();
        } else if (member == "UnprocessedKeys") {
            note(unprocessed, member);
            tables.read_unprocessed();
        } else if (member == "ConsumedCapacity") {
            sink.read_capacity(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();
}

} // namespace dynasio::dynamodb::detail
