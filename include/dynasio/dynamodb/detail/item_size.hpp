#ifndef DYNASIO_DYNAMODB_DETAIL_ITEM_SIZE_HPP
#define DYNASIO_DYNAMODB_DETAIL_ITEM_SIZE_HPP

#include <dynasio/dynamodb/operation.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// The service stores no larger item (developer guide, "Item size"): 400 KB, names and values together.
inline constexpr std::size_t max_item_size = std::size_t{400} * 1024;

/// Adds up the size of an item as the developer guide describes it ("DynamoDB item sizes and formats"): the UTF-8 bytes
/// of names and texts, the bytes of binaries, one byte for two digits of a number. Where the guide is vague, the
/// smaller size is taken, because an item that the service would take must not be refused.
///
/// The JSON of an item is longer than the item, so only what is longer than max_item_size needs to be measured.
class item_measure {
public:
    /// Adds an attribute; `value` is in wire form. A value that is no JSON counts nothing.
    void add(std::string_view name, std::string_view value);
    /// Adds all attributes of an item.
    void add_item(std::string_view json);

    /// The item has at least this many bytes.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Throws errc::item_too_large with the size, naming the largest attribute, when the service would refuse the item.
    void check() const;

private:
    std::size_t size_ = 0;
    std::string largest_{};
    std::size_t largest_size_ = 0;
};

/// Throws errc::item_too_large when `json`, an item, is too large.
void check_item_size(std::string_view json);
/// Checks each item that a PutItem, BatchWriteItem or TransactWriteItems stores. Other operations store no whole items.
void check_item_sizes(operation op, std::string_view body);

} // namespace dynasio::dynamodb::detail

#endif
