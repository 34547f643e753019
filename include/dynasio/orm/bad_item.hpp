#ifndef DYNASIO_ORM_BAD_ITEM_HPP
#define DYNASIO_ORM_BAD_ITEM_HPP

#include <dynasio/core/error.hpp>

#include <string>
#include <vector>

namespace dynasio {

/// An item that a read left out, because it does not fit its entity.
struct bad_item {
    /// The whole item as JSON, as it was stored. Of an entity that names an unknown type in a morph_to, as the program
    /// would store it.
    std::string item{};
    failure why{}; ///< The error that reading it met; diagnostics::key names its key.
};

struct skip_t {};
/// For on_bad_item: leaves bad items out. load_report::bad_items counts them.
inline constexpr skip_t skip{};

/// For on_bad_item: leaves bad items out and appends them to a vector, which must outlive the operation.
class collect {
public:
    explicit collect(std::vector<bad_item>& into) noexcept : into_(&into) {}
    [[nodiscard]] std::vector<bad_item>* into() const noexcept { return into_; }

private:
    std::vector<bad_item>* into_;
};

/// Option of queries, pages, scans, find_many() and loads: what becomes of an item that does not fit its entity,
/// because an attribute has another type or is missing, for example. Without this option the operation fails with the
/// item's error. With it such an item is treated as if it did not exist: it is left out of the results, an entity by
/// key is absent, a belongs_to is empty, and count() reads the items that it counts. It holds for the entities of every
/// relation of the operation, but not for the one entity that find() or get() names. An entity whose morph_to names a
/// type that is not known counts as bad and stays, without the entity that it names. An answer that is no JSON still
/// fails the operation. Sends no further requests; each item is scanned once more before it is read.
class on_bad_item {
public:
    explicit on_bad_item(skip_t) noexcept {}
    explicit on_bad_item(collect to) noexcept : into_(to.into()) {}
    /// Null for on_bad_item(skip).
    [[nodiscard]] std::vector<bad_item>* into() const noexcept { return into_; }

private:
    std::vector<bad_item>* into_ = nullptr;
};

namespace detail {

/// What becomes of items that do not fit their entity.
struct bad_item_policy {
    bool leave_out = false;
    std::vector<bad_item>* into = nullptr; ///< Receives what was left out, if it is not null.
};

} // namespace detail

namespace dsl {

using dynasio::bad_item;
using dynasio::collect;
using dynasio::on_bad_item;
using dynasio::skip;

} // namespace dsl

} // namespace dynasio

#endif
