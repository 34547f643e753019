#include <dynasio/dynamodb/operations/delete_resource_policy.hpp>
#include <dynasio/dynamodb/operations/put_resource_policy.hpp>

namespace dynasio::dynamodb {

bool is_repeatable(put_resource_policy_request const& r) noexcept { return !r.expected_revision_id; }
bool is_repeatable(delete_resource_policy_request const& r) noexcept { return !r.expected_revision_id; }

} // namespace dynasio::dynamodb
