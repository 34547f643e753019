#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/operations/delete_table.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include "shapes_table_members.hpp"

namespace dynasio::dynamodb {
namespace detail {

template <> struct members_of<create_table_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("AttributeDefinitions", s.attribute_definitions);
        visit("TableName", s.table_name);
        visit("KeySchema", s.key_schema);
        visit("LocalSecondaryIndexes", s.local_secondary_indexes);
        visit("GlobalSecondaryIndexes", s.global_secondary_indexes);
        visit("BillingMode", s.billing_mode);
        visit("ProvisionedThroughput", s.provisioned_throughput);
        visit("StreamSpecification", s.stream_specification);
        visit("SSESpecification", s.sse_specification);
        visit("Tags", s.tags);
        visit("TableClass", s.table_class);
        visit("DeletionProtectionEnabled", s.deletion_protection_enabled);
        visit("WarmThroughput", s.warm_throughput);
        visit("ResourcePolicy", s.resource_policy);
        visit("OnDemandThroughput", s.on_demand_throughput);
        visit("GlobalTableSourceArn", s.global_table_source_arn);
        visit("GlobalTableSettingsReplicationMode", s.global_table_settings_replication_mode);
        visit("VectorIndexes", s.vector_indexes);
    }
};

template <> struct members_of<create_table_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableDescription", s.table_description);
    }
};

template <> struct members_of<describe_table_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
    }
};

template <> struct members_of<describe_table_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Table", s.table);
    }
};

template <> struct members_of<delete_table_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
    }
};

template <> struct members_of<delete_table_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableDescription", s.table_description);
    }
};

} // namespace detail

std::span<std::string_view const> texts_of(scalar_attribute_type) noexcept {
    static constexpr std::string_view texts[] = {"S", "N", "B"};
    return texts;
}

std::span<std::string_view const> texts_of(key_type) noexcept {
    static constexpr std::string_view texts[] = {"HASH", "RANGE"};
    return texts;
}

std::span<std::string_view const> texts_of(projection_type) noexcept {
    static constexpr std::string_view texts[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
    return texts;
}

std::span<std::string_view const> texts_of(billing_mode) noexcept {
    static constexpr std::string_view texts[] = {"PROVISIONED", "PAY_PER_REQUEST"};
    return texts;
}

std::span<std::string_view const> texts_of(stream_view_type) noexcept {
    static constexpr std::string_view texts[] = {"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"};
    return texts;
}

std::span<std::string_view const> texts_of(sse_type) noexcept {
    static constexpr std::string_view texts[] = {"AES256", "KMS"};
    return texts;
}

std::span<std::string_view const> texts_of(table_class) noexcept {
    static constexpr std::string_view texts[] = {"STANDARD", "STANDARD_INFREQUENT_ACCESS"};
    return texts;
}

std::span<std::string_view const> texts_of(global_table_settings_replication_mode) noexcept {
    static constexpr std::string_view texts[] = {"ENABLED", "DISABLED", "ENABLED_WITH_OVERRIDES"};
    return texts;
}

std::span<std::string_view const> texts_of(search_schema_element_type) noexcept {
    static constexpr std::string_view texts[] = {"HASH", "INLINE_FILTER"};
    return texts;
}

std::span<std::string_view const> texts_of(vector_distance_function) noexcept {
    static constexpr std::string_view texts[] = {"COSINE", "DOT_PRODUCT", "EUCLIDEAN"};
    return texts;
}

std::span<std::string_view const> texts_of(table_status) noexcept {
    static constexpr std::string_view texts[] = {"CREATING",
                                                 "UPDATING",
                                                 "DELETING",
                                                 "ACTIVE",
                                                 "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
                                                 "ARCHIVING",
                                                 "ARCHIVED",
                                                 "REPLICATION_NOT_AUTHORIZED"};
    return texts;
}

std::span<std::string_view const> texts_of(index_status) noexcept {
    static constexpr std::string_view texts[] = {"CREATING", "UPDATING", "DELETING", "ACTIVE"};
    return texts;
}

std::span<std::string_view const> texts_of(replica_status) noexcept {
    static constexpr std::string_view texts[] = {"CREATING",
                                                 "CREATION_FAILED",
                                                 "UPDATING",
                                                 "DELETING",
                                                 "ACTIVE",
                                                 "REGION_DISABLED",
                                                 "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
                                                 "ARCHIVING",
                                                 "ARCHIVED",
                                                 "REPLICATION_NOT_AUTHORIZED"};
    return texts;
}

std::span<std::string_view const> texts_of(witness_status) noexcept {
    static constexpr std::string_view texts[] = {"CREATING", "DELETING", "ACTIVE"};
    return texts;
}

std::span<std::string_view const> texts_of(sse_status) noexcept {
    static constexpr std::string_view texts[] = {"ENABLING", "ENABLED", "DISABLING", "DISABLED", "UPDATING"};
    return texts;
}

std::span<std::string_view const> texts_of(multi_region_consistency) noexcept {
    static constexpr std::string_view texts[] = {"EVENTUAL", "STRONG"};
    return texts;
}

// Without throughput the table is billed by request: PROVISIONED, the service's own default, would refuse it.
void append_json(std::string& out, create_table_request const& request) {
    if (request.billing_mode || request.provisioned_throughput || request.global_table_source_arn) {
        detail::write(out, request);
        return;
    }
    create_table_request on_demand = request;
    on_demand.billing_mode = billing_mode::pay_per_request;
    detail::write(out, on_demand);
}
void read_json(json_reader& in, create_table_response& response) { detail::read(in, response); }

void append_json(std::string& out, describe_table_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, describe_table_response& response) { detail::read(in, response); }

void append_json(std::string& out, delete_table_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, delete_table_response& response) { detail::read(in, response); }

} // namespace dynasio::dynamodb
