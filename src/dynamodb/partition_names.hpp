#ifndef DYNASIO_SRC_DYNAMODB_PARTITION_NAMES_HPP
#define DYNASIO_SRC_DYNAMODB_PARTITION_NAMES_HPP

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// The names of the partition keys of tables and indexes, as far as they are known from requests and descriptions. Most
/// requests do not show which of two key attributes is the partition key.
class partition_names {
public:
    /// The name of the partition key; empty when it is not known.
    [[nodiscard]] std::string_view find(std::string_view table, std::string_view index) const noexcept;
    /// Stores a name, replacing the previous one. With an empty `index` it is the table's own.
    void learn(std::string_view table, std::string_view index, std::string_view name);
    /// Learns the names from an answer of DescribeTable or CreateTable. Never throws because of the answer's content.
    void learn_from_description(std::string_view answer);

    /// Calls use(index, name) for each known index of the table.
    template <class Use> void each_index(std::string_view table, Use use) const {
        auto const at = tables_.find(table);
        if (at == tables_.end()) return;
        for (auto const& [index, name] : at->second)
            if (!index.empty()) use(index, name);
    }

private:
    // Names of further tables are not stored.
    static constexpr std::size_t max_tables = 1'000;

    using names_by_index = std::map<std::string, std::string, std::less<>>;
    std::map<std::string, names_by_index, std::less<>> tables_;
};

} // namespace dynasio::dynamodb::detail

#endif
