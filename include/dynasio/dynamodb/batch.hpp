#ifndef DYNASIO_DYNAMODB_BATCH_HPP
#define DYNASIO_DYNAMODB_BATCH_HPP

#include <dynasio/dynamodb/attribute_value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::dynamodb {

/// Any number of keys of one table, for client::read_batch().
struct read_batch_request {
    read_batch_request(std::string table, std::vector<item> wanted)
        : table_name(std::move(table)), keys(std::move(wanted)) {}

    std::string table_name{};
    /// All keys have the same attribute names. A key may occur more than once; it is read once.
    std::vector<item> keys{};
    bool consistent_read = false;
    /// Top-level attributes to return in addition to the key, which is always returned; empty: all.
    std::vector<std::string> attributes{};
    std::size_t max_in_flight = 8; ///< Calls of BatchGetItem at a time; at least 1.
};

struct read_batch_response {
    /// One for each key of the request, in its order; nothing where no item has the key.
    std::vector<std::optional<item>> items{};
};

/// Any number of puts and deletes of one table, for client::write_batch(). A later write of the same key replaces an
/// earlier one, as if they were done one after the other.
class write_batch_request {
public:
    /// `partition_key` and `sort_key` are the names of the table's key attributes, by which writes of the same item are
    /// recognised. `sort_key` is empty for a table without one.
    write_batch_request(std::string table, std::string partition_key, std::string sort_key = {});

    write_batch_request& put(item attributes);
    write_batch_request& remove(item key);

    [[nodiscard]] std::string const& table_name() const noexcept { return table_name_; }
    [[nodiscard]] std::string const& partition_key() const noexcept { return partition_key_; }
    [[nodiscard]] std::string const& sort_key() const noexcept { return sort_key_; }

    struct write {
        bool put;
        item attributes; ///< For a delete, only the key.
    };
    [[nodiscard]] std::vector<write> const& writes() const noexcept { return writes_; }

    std::size_t max_in_flight = 8; ///< Calls of BatchWriteItem at a time; at least 1.

private:
    std::string table_name_;
    std::string partition_key_;
    std::string sort_key_;
    std::vector<write> writes_;
};

} // namespace dynasio::dynamodb

#endif
