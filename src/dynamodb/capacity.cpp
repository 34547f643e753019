#include <dynasio/dynamodb/capacity.hpp>

#include <algorithm>

namespace dynasio {

capacity_usage const* capacity_report::find(std::string_view table, std::string_view index) const noexcept {
    auto const at = std::find_if(usage_.begin(), usage_.end(),
                                 [&](capacity_usage const& u) { return u.table == table && u.index == index; });
    return at == usage_.end() ? nullptr : &*at;
}

double capacity_report::read_units() const noexcept {
    double sum = 0;
    for (capacity_usage const& u : usage_) sum += u.read_units;
    return sum;
}
double capacity_report::write_units() const noexcept {
    double sum = 0;
    for (capacity_usage const& u : usage_) sum += u.write_units;
    return sum;
}

void capacity_report::add(std::string_view table, std::string_view index, double read_units, double write_units) {
    auto at = std::find_if(usage_.begin(), usage_.end(),
                           [&](capacity_usage const& u) { return u.table == table && u.index == index; });
    if (at == usage_.end()) {
        capacity_usage made;
        made.table = table;
        made.index = index;
        usage_.push_back(std::move(made));
        at = usage_.end() - 1;
    }
    at->read_units += read_units;
    at->write_units += write_units;
}

void capacity_report::add(capacity_report const& other) {
    // `other` may be this object. All its entries are found then, so that the list does not change during the loop.
    for (capacity_usage const& u : other.usage_) add(u.table, u.index, u.read_units, u.write_units);
    answers_ += other.answers_;
}

void capacity_report::clear() noexcept {
    usage_.clear();
    answers_ = 0;
}

} // namespace dynasio
