#ifndef DYNASIO_SRC_ORM_KEY_BATCH_HPP
#define DYNASIO_SRC_ORM_KEY_BATCH_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/progress.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// Entities of one type by at most 100 distinct keys, without relations: the short way for what needs no graph. Decides
/// only; the caller sends body() and gives the answers.
class key_batch {
public:
    static constexpr std::size_t max_keys = 100; // BatchGetItem, API reference

    /// `retry` must outlive it. `places` are as many as the keys will be, and empty.
    key_batch(entity_type const& type, std::string table, bool consistent, bool capacity,
              aws::retry_policy const& retry, key_places places);

    /// Takes the keys over, duplicates once. False when there are more than max_keys distinct ones: it is of no use
    /// then, and `keys` is as it was.
    [[nodiscard]] bool add(key_list& keys);

    /// Appends the request for all keys that are not answered yet. Precondition: there is one.
    void append_body(std::string& out) const;

    using decision = dynamodb::progress_guard::decision;
    /// Puts the entities into their places. Throws errc::batch_incomplete naming the keys when too many answers in a
    /// row brought no progress.
    [[nodiscard]] decision on_answer(std::string_view body, double jitter);

    /// At the end: what was asked for twice is there twice.
    void copy_duplicates();

    [[nodiscard]] double read_units() const noexcept { return read_units_; }
    [[nodiscard]] std::size_t received() const noexcept { return received_; }
    [[nodiscard]] std::size_t distinct() const noexcept { return entries_.size(); }
    [[nodiscard]] std::size_t unprocessed() const noexcept { return unprocessed_; }

private:
    struct entry {
        std::string_view key;
        std::size_t place; // the first that asks for it
        bool found;
        bool pending;
    };

    [[nodiscard]] entry* find(std::string_view key) noexcept;
    void read_item(dynamodb::json_reader& in);
    void read_unprocessed(dynamodb::json_reader& in);

    entity_type const& type_;
    std::string table_;
    bool consistent_;
    bool capacity_;
    dynamodb::progress_guard guard_;
    key_list keys_{};
    std::vector<entry> entries_{};
    std::vector<std::uint32_t> positions_{}; // entry of each key of the input
    std::vector<std::uint8_t> buckets_{};    // open addressing: entry + 1
    key_places places_;
    std::size_t likely_ = 0; // entry that the next item is probably for
    std::size_t received_ = 0;
    std::string scratch_{};
    std::size_t pending_ = 0;
    std::size_t unprocessed_ = 0;
    double read_units_ = 0;
};

} // namespace dynasio::detail

#endif
