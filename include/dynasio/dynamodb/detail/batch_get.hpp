#ifndef DYNASIO_DYNAMODB_DETAIL_BATCH_GET_HPP
#define DYNASIO_DYNAMODB_DETAIL_BATCH_GET_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace dynasio::dynamodb {
class json_reader;
}

// Writes the requests of BatchGetItem and reads its answers, for the client's batches and for the ORM.
namespace dynasio::dynamodb::detail {

/// Writes the body of a BatchGetItem.
class batch_get_writer {
public:
    /// Appends to `out`. `table_members` is written behind the keys of each table: `,"ConsistentRead":true`, for
    /// example. Both must outlive the writer.
    batch_get_writer(std::string& out, std::string_view table_members);

    /// The keys that follow are of this table. `own_members` is written behind them too, and is used up to then.
    /// Precondition: each table begins once, and has a key.
    void begin_table(std::string_view table, std::string_view own_members = {});
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
    std::string_view own_members_{};
    bool first_table_ = true;
    bool first_key_ = true;
};

/// Receives the parts of an answer to a BatchGetItem. An exception of a member function ends the reading and passes
/// through read_batch_get().
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

/// Reads an answer. Items and unprocessed keys are passed on in the order in which the answer has them; either may come
/// first. A key that is in neither has no item. Throws errc::malformed_response for text that is not such an answer.
void read_batch_get(std::string_view body, batch_get_sink& sink);

} // namespace dynasio::dynamodb::detail

#endif
