#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/operations/create_table.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <string>

#include "checks.hpp"

namespace dynasio::dynamodb {

void check(create_table_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    bool const copied = r.global_table_source_arn.has_value();
    if (!copied && (!r.key_schema || r.key_schema->empty()))
        detail::refuse(errc::invalid_argument, r.op, r.table_name, {}, "key_schema is missing: name the partition key");
    if (!r.key_schema) return;
    for (key_schema_element const& element : *r.key_schema) {
        bool const defined =
            r.attribute_definitions &&
            std::any_of(r.attribute_definitions->begin(), r.attribute_definitions->end(),
                        [&](attribute_definition const& d) { return d.attribute_name == element.attribute_name; });
        if (!defined && !copied)
            detail::refuse(errc::invalid_argument, r.op, r.table_name, element.attribute_name,
                           "the key attribute has no type: add it to attribute_definitions");
    }
}

// Without throughput, PAY_PER_REQUEST is sent, because the service's default, PROVISIONED, would refuse the request.
void append_json(std::string& out, create_table_request const& request) {
    if (request.billing_mode || request.provisioned_throughput || request.global_table_source_arn) {
        detail::append_members(out, request);
        return;
    }
    create_table_request on_demand = request;
    on_demand.billing_mode = billing_mode::pay_per_request;
    detail::append_members(out, on_demand);
}

} // namespace dynasio::dynamodb
