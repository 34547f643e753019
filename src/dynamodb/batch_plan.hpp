#ifndef DYNASIO_SRC_DYNAMODB_BATCH_PLAN_HPP
#define DYNASIO_SRC_DYNAMODB_BATCH_PLAN_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/detail/batch_queue.hpp>
#include <dynasio/dynamodb/detail/request_source.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/progress.hpp>

#include <dynasio/aws/retry.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

// The requests of client::read_batch() and write_batch() and the reading of their answers; drive() sends them.
namespace dynasio::dynamodb::detail {

struct batch_settings {
    aws::retry_policy retry{}; ///< For keys and writes that stay unprocessed.
    call_cost* cost = nullptr; ///< Capacity units are added here, unless it is null.
    /// Returns an empty string for the body of a request, whose memory may be reused; null for new strings.
    std::function<std::string()> make_body;
};

/// A batch of any size on one table: entries without duplicates, in requests of limited size. Once an entry has met too
/// many answers without progress, the table is throttled, and no further request is sent.
class batch_plan : public request_source {
public:
    batch_plan(batch_plan const&) = delete;
    batch_plan& operator=(batch_plan const&) = delete;

    [[nodiscard]] std::optional<request> next(time_point now) override;
    [[nodiscard]] bool ready(time_point now) const override;
    [[nodiscard]] std::optional<time_point> wake_at() const override;
    [[nodiscard]] bool sequential() const override;
    [[nodiscard]] bool done() const noexcept override;
    void on_answer(std::size_t id, answer const& got) override;
    void describe(std::size_t id, diagnostics& d) const override;
    void on_failure(std::size_t id, error const& e) override;
    void describe_whole(diagnostics& d) const override;

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// Throws errc::batch_incomplete when entries were given up. Precondition: done().
    void check_complete() const;

protected:
    batch_plan(operation op, std::string table, std::size_t limit, std::size_t max_in_flight, batch_settings settings);
    ~batch_plan() = default;

    struct entry {
        std::string identity{}; ///< The key as text, which is equal for equal keys; errors show it.
        std::string wire{};     ///< The key or write as it stands in a request.
        bool answered = false;
        /// An answer left it unprocessed, but an earlier sending of that request may have been carried out.
        bool in_doubt = false;
        std::size_t request = 0; ///< The id of the request under way that holds the entry; 0 when there is none.
        std::optional<progress_guard> guard{};
    };

    /// Index of the entry with this key, adding one if there is none.
    [[nodiscard]] std::size_t add(item const& key);
    /// Puts all entries into the queue. Call it after the last add().
    void queue_all();

    virtual void append_body(std::string& body, std::span<std::size_t const> sent) const = 0;
    /// Reads an answer to request `id` and appends the entries that it leaves unprocessed. Throws when it is not an
    /// answer to this request.
    virtual void read_answer(std::size_t id, std::string_view body, std::vector<std::size_t>& unprocessed) = 0;

    /// The entry of request `id` with the key that `attributes` contain. Throws errc::malformed_response with the
    /// message
    /// `otherwise` when that request has no such entry.
    [[nodiscard]] std::size_t entry_of(std::size_t id, item const& attributes, char const* otherwise) const;

    [[nodiscard]] operation op() const noexcept { return op_; }
    [[nodiscard]] std::string const& table() const noexcept { return table_; }
    [[nodiscard]] call_cost* cost() const noexcept { return settings_.cost; }
    [[nodiscard]] std::vector<std::string>& key_names() noexcept { return key_names_; }
    [[nodiscard]] std::vector<entry>& entries() noexcept { return entries_; }
    [[nodiscard]] std::vector<entry> const& entries() const noexcept { return entries_; }

private:
    static void tell(request_subject const& self, std::string_view body, std::string_view table_prefix,
                     request_targets& out);

    operation op_;
    std::string table_;
    batch_settings settings_; // before queue_, which refers to its retry policy
    std::vector<std::string> key_names_{};
    std::vector<entry> entries_{};
    std::unordered_map<std::string, std::size_t> index_{};
    batch_queue<std::size_t> queue_;
    std::map<std::size_t, std::vector<std::size_t>> under_way_{}; ///< Entries by request.
    std::size_t last_id_ = 0;
    bool gave_up_ = false;
    bool outcome_unknown_ = false; ///< A request that failed may have been carried out.
};

/// Constructors throw for requests that are refused before anything is sent.
class read_plan final : public batch_plan {
public:
    read_plan(read_batch_request const& asked, batch_settings settings);

    /// The items in the order of the keys. They are moved out, so it may be called once. Precondition: done().
    [[nodiscard]] read_batch_response result();

private:
    void append_body(std::string& body, std::span<std::size_t const> sent) const override;
    void read_answer(std::size_t id, std::string_view body, std::vector<std::size_t>& unprocessed) override;

    std::string members_{};                    ///< The request members that follow the keys of the table.
    std::vector<std::size_t> positions_{};     ///< For each key that the caller asked for, its entry.
    std::vector<std::size_t> wanted_{};        ///< For each entry, how many of the caller's keys share it.
    std::vector<std::optional<item>> found_{}; ///< For each entry, its item.
};

class write_plan final : public batch_plan {
public:
    write_plan(write_batch_request const& asked, batch_settings settings);

private:
    void append_body(std::string& body, std::span<std::size_t const> sent) const override;
    void read_answer(std::size_t id, std::string_view body, std::vector<std::size_t>& unprocessed) override;
};

} // namespace dynasio::dynamodb::detail

#endif
