#ifndef DYNASIO_DYNAMODB_DETAIL_BATCH_GET_HPP
#define DYNASIO_DYNAMODB_DETAIL_BATCH_GET_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace dynasio::dynamodb {
class json_reader;
}

// The one writer of BatchGetItem's requests and the one reader of its answers.
namespace dynasio::dynamodb::detail {

/// Writes the body of a BatchGetItem.
class batch_get_writer {
public:
    /// Appends to `out`. `table_members` stand behind the keys of each table: `,"ConsistentRead":true`, for example.
    /// Both must outlive it.
    batch_get_writer(std::string& out, std::string_view table_members);

    /// The keys that follow are of this table. Precondition: each table begins once, and has a key.
    void begin_table(std::string_view table);
    /// A key in wire form (`{"id":{"S":"…"}}`). Precondition: no key of a table comes twice.
    void add(std::string_view key) {
        if (first_key_)
            first_key_ = false;
        else
            out_ += ',';
        out_ += key;
    }
    /// Precondition: there is a key.
    void finish();

private:
    std::string& out_;
    std::string_view table_members_;
    bool first_table_ = true;
    bool first_key_ = true;
};

/// What an answer to a BatchGetItem is read into. Whatever a member function throws ends the reading.
class batch_get_sink {
public:
    /// What is read next is of this table, which may be one that was not asked for. The name is valid during the call.
    virtual void enter_table(std::string_view table, json_reader& in) = 0;
    /// Reads an item.
    virtual void read_item(json_reader& in) = 0;
    /// Reads a key that the answer leaves unprocessed.
    virtual void read_unprocessed(json_reader& in) = 0;
    /// Reads ConsumedCapacity.
    virtual void read_capacity(json_reader& in) = 0;

protected:
    ~batch_get_sink() = default;
};

/// Reads an answer. Items and unprocessed keys come in the order in which the answer has them: either may come first,
/// and a key that is in neither has no item. Throws errc::malformed_response for an answer that is none.
void read_batch_get(std::string_view body, batch_get_sink& sink);

} // namespace dynasio::dynamodb::detail

#endif
