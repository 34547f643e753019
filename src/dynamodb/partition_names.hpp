#ifndef DYNASIO_SRC_DYNAMODB_PARTITION_NAMES_HPP
#define DYNASIO_SRC_DYNAMODB_PARTITION_NAMES_HPP

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// The attributes that are the partition keys of tables and indexes, as far as requests and descriptions have told:
/// which of two key attributes it is cannot be seen in most requests.
class partition_names {
public:
    /// Empty: not known.
    [[nodiscard]] std::string_view find(std::string_view table, std::string_view index) const noexcept;
    /// The last word counts. No `index`: of the table itself.
    void learn(std::string_view table, std::string_view index, std::string_view name);
    /// From an answer of DescribeTable or CreateTable. Never throws for what it is.
    void learn_from_description(std::string_view answer);

    /// Calls use(index, name) for each index of the table that is known.
    template <class Use> void each_index(std::string_view table, Use use) const {
        auto const at = tables_.find(table);
        if (at == tables_.end()) return;
        for (auto const& [index, name] : at->second)
            if (!index.empty()) use(index, name);
    }

private:
    // A client that uses more tables than that knows less of the others.
    static constexpr std::size_t max_tables = 1'000;

    using names_by_index = std::map<std::string, std::string, std::less<>>;
    std::map<std::string, names_by_index, std::less<>> tables_;
};

} // namespace dynasio::dynamodb::detail

#endif
