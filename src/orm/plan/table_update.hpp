#ifndef DYNASIO_SRC_ORM_PLAN_TABLE_UPDATE_HPP
#define DYNASIO_SRC_ORM_PLAN_TABLE_UPDATE_HPP

#include <dynasio/orm/table_change.hpp>
#include <dynasio/orm/table_difference.hpp>

#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/operations/update_table.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <optional>
#include <string>
#include <vector>

// How a table is brought to its schemas, without I/O.
namespace dynasio::detail {

/// What is known of a table.
struct table_state {
    dynamodb::table_description const* table = nullptr; ///< Null when there is none, or it is being deleted.
    /// The attribute with the time to live, which is empty when there is none; nothing when the server does not say.
    std::optional<std::string> ttl_attribute{};
};
enum class unknown_indexes : unsigned char { keep, drop };

struct table_update {
    std::vector<table_change> changes{};       ///< In the order in which they are carried out.
    std::vector<table_difference> conflicts{}; ///< What cannot be changed. The message also says what to do.
};

/// How the table becomes what `wanted` would create, with the time to live of `ttl_attribute`, if that is not empty.
[[nodiscard]] table_update plan_update(dynamodb::create_table_request const& wanted, std::string const& ttl_attribute,
                                       table_state const& state, unknown_indexes unknown);

/// Throws errc::schema_conflict, which names all of them, if there are any.
void refuse_conflicts(std::vector<table_difference> const& conflicts);

/// One global index that is added or dropped while other processes may do the same: decides what is done after each
/// look at the table. The service makes or removes one index of a table at a time, refuses other changes meanwhile, and
/// describes a table as it was a moment ago.
class index_change {
public:
    enum class action : unsigned char {
        request, ///< Send request(), and call requested() or refused().
        wait,    ///< Look again after a pause.
        done,
        give_up, ///< The refusal is final.
    };

    /// `wanted` must outlive this object.
    index_change(dynamodb::create_table_request const& wanted, table_change const& change)
        : wanted_(&wanted), index_(change.index), adds_(change.kind == table_change_kind::create_index) {}

    /// Takes a look at the table; null means that there is none. Throws errc::schema_conflict when another process has
    /// made an index of this name that is another one, and errc::wait_failed when there is no such table any more.
    [[nodiscard]] action saw(dynamodb::table_description const* table);
    /// The request that the last look called for. An index of a table with provisioned capacity gets the table's.
    [[nodiscard]] dynamodb::update_table_request request() const;
    void requested() noexcept { is_requested_ = true; }
    /// The service has refused the request because of what the table is, which the next look may explain: the index has
    /// been added, or dropped, in between.
    void refused() noexcept { is_refused_ = true; }

    [[nodiscard]] std::string const& index() const noexcept { return index_; }
    /// "the index by_city to be ACTIVE, last state: CREATING"
    [[nodiscard]] std::string goal() const;

private:
    [[nodiscard]] action saw_adding(dynamodb::table_description const& table,
                                    dynamodb::global_secondary_index_description const* index);
    [[nodiscard]] action saw_dropping(dynamodb::table_description const& table,
                                      dynamodb::global_secondary_index_description const* index);
    /// The index is not as it should be. Asks for the change, if the table is at rest.
    [[nodiscard]] action ask(dynamodb::table_description const& table);

    dynamodb::create_table_request const* wanted_;
    std::string index_;
    std::string state_{};
    std::optional<dynamodb::provisioned_throughput> capacity_{};
    bool adds_;
    bool is_requested_ = false;
    bool is_refused_ = false;
};

} // namespace dynasio::detail

#endif
