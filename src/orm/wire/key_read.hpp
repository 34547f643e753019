#ifndef DYNASIO_SRC_ORM_WIRE_KEY_READ_HPP
#define DYNASIO_SRC_ORM_WIRE_KEY_READ_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/detail/batch_get.hpp>
#include <dynasio/dynamodb/detail/batch_queue.hpp>
#include <dynasio/dynamodb/detail/request_source.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Reading by key: GetItem, and BatchGetItem into places that are known beforehand. The loader uses the same writer and
// reader of BatchGetItem (dynamodb/detail/batch_get.hpp) and reads into its store.
namespace dynasio::detail {

/// The request members that follow the keys of a table in a BatchGetItem, and the key in a GetItem.
[[nodiscard]] inline std::string_view read_members(bool consistent) noexcept {
    return consistent ? std::string_view(R"(,"ConsistentRead":true)") : std::string_view();
}

/// Appends the body of a GetItem of an entity of this type. `key` is in wire form, `prefix` that of the table's name.
/// Returns where the key begins in `out`.
std::size_t append_get_item(std::string& out, std::string_view prefix, entity_type const& type, std::string_view key,
                            bool consistent);

struct get_item_answer {
    bool found = false;
    double read_units = 0;
};
/// Reads the answer to a GetItem for `key` into an entity. Throws errc::malformed_response for text that is not such an
/// answer, and for an item with another key.
[[nodiscard]] get_item_answer read_get_item(std::string_view body, std::string_view key, entity_type const& type,
                                            void* into);

/// Reads the item of an answer to an UpdateItem with ALL_NEW into an entity. Returns the capacity units that it tells.
/// Throws errc::malformed_response for text that is not such an answer.
double read_updated_item(std::string_view body, entity_type const& type, void* into);

/// read_key() in the spelling that this library writes, for an answer that has other white space or escapes than the
/// request.
[[nodiscard]] std::string read_key_respelt(entity_type const& type, std::string_view item);
/// The key of an item that was read into `entity`, in the spelling that this library writes.
[[nodiscard]] std::string key_as_written(entity_type const& type, void const* entity, item_values const& found);

/// The value of the partition key within a key that this library wrote. The names are those of the attributes as JSON
/// members (`"id":`); `sort` is empty for a key of one part.
[[nodiscard]] std::string_view partition_value(std::string_view key, std::string_view partition,
                                               std::string_view sort) noexcept;
[[nodiscard]] std::string_view partition_value(entity_type const& type, std::string_view key) noexcept;

/// What errc::batch_incomplete says of these keys, each as its JSON: `answers` answers in a row left them unprocessed
/// and brought no progress.
[[nodiscard]] diagnostics unprocessed_keys(std::vector<std::string> keys, unsigned answers);

/// Reads entities of one type by at most 100 distinct keys, without relations. The entities are decoded in their final
/// places. It does no I/O; drive() sends its requests.
class direct_key_read final : public dynamodb::detail::request_source, private dynamodb::detail::batch_get_sink {
public:
    struct options {
        std::string table{}; ///< Physical name.
        bool consistent = false;
        /// The engine whose memory request bodies reuse; null for new strings.
        dynamodb::detail::engine* bodies = nullptr;
    };

    /// `policy` must outlive the object. `places` has one empty place for each key that add() takes.
    direct_key_read(entity_type const& type, options how, aws::retry_policy const& policy, key_places places);

    /// Takes the keys over; duplicates are asked for once. Returns false when there are more distinct keys than one
    /// request takes: `keys` is then unchanged, and this object must not be used further.
    [[nodiscard]] bool add(key_list& keys);
    /// Copies found entities to the places of duplicate keys. Call it once, after the last answer.
    void copy_duplicates();

    std::optional<request> next(time_point now) override;
    [[nodiscard]] bool ready(time_point now) const override;
    [[nodiscard]] std::optional<time_point> wake_at() const override { return queue_.wake_at(); }
    [[nodiscard]] bool sequential() const override { return !under_way_ && !is_empty(); }
    [[nodiscard]] bool done() const noexcept override { return !under_way_ && is_empty(); }
    void on_answer(std::size_t id, answer const& got) override;
    void describe(std::size_t id, diagnostics& d) const override;
    void describe_whole(diagnostics& d) const override { describe(0, d); }

    [[nodiscard]] load_report report() const;

private:
    struct entry {
        std::string_view key;
        std::size_t place; // the index of the first key in the input that asks for this entry
        bool asked = true; // the request under way has this key, and its answer has not named it yet
        bool found = false;
    };

    /// Nothing is left to ask for.
    [[nodiscard]] bool is_empty() const noexcept { return begun_ && queue_.empty(); }
    [[nodiscard]] entry* find(std::string_view key) noexcept;
    void enter_table(std::string_view table, dynamodb::json_reader& in) override;
    void read_item(dynamodb::json_reader& in) override;
    void read_unprocessed(dynamodb::json_reader& in) override;
    void read_capacity(dynamodb::json_reader& in) override;
    /// Adds capacity units to the report.
    void spend(double units);
    static void tell(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                     dynamodb::detail::request_targets& out);

    entity_type const& type_;
    options how_;
    aws::retry_policy const& policy_;
    dynamodb::detail::batch_queue<entry*> queue_;
    key_list keys_{};
    std::vector<entry> entries_{};           // memory is reserved, so that pointers to entries stay valid
    std::vector<std::uint32_t> positions_{}; // entry of each key of the input
    std::vector<std::uint8_t> buckets_{};    // open addressing: index of the entry + 1; 0 is empty
    key_places places_;
    bool begun_ = false; // The first request asks for all entries; only what comes back of them goes through the queue.
    bool under_way_ = false;
    std::vector<entry*> asked_{}; // the keys of the request under way, in its order
    std::size_t likely_ = 0;      // position in asked_ that the next item is probably for
    std::vector<entry*> unprocessed_{};
    std::vector<std::optional<dynamodb::progress_guard>> guards_{}; // by entry; empty until a key came back
    std::string scratch_{};
    load_report report_{};
};

} // namespace dynasio::detail

#endif
