#include <dynasio/dynamodb/operation.hpp>

namespace dynasio::dynamodb {
namespace {

struct description {
    std::string_view name;
    bool read;
};

constexpr description descriptions[operation_count] = {
    {"BatchGetItem", true}, {"BatchWriteItem", false}, {"CreateTable", false},
    {"DeleteItem", false},  {"DeleteTable", false},    {"DescribeTable", true},
    {"GetItem", true},      {"PutItem", false},        {"Query", true},
    {"Scan", true},         {"UpdateItem", false},
};

} // namespace

std::string_view to_string(operation op) noexcept { return descriptions[static_cast<std::size_t>(op)].name; }
bool is_read(operation op) noexcept { return descriptions[static_cast<std::size_t>(op)].read; }

} // namespace dynasio::dynamodb
