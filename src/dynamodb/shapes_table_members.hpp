#ifndef DYNASIO_SRC_DYNAMODB_SHAPES_TABLE_MEMBERS_HPP
#define DYNASIO_SRC_DYNAMODB_SHAPES_TABLE_MEMBERS_HPP

#include <dynasio/dynamodb/shapes/table.hpp>

#include "codec.hpp"

namespace dynasio::dynamodb::detail {

template <> struct members_of<attribute_definition> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("AttributeName", s.attribute_name);
        visit("AttributeType", s.attribute_type);
    }
};

template <> struct members_of<key_schema_element> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("AttributeName", s.attribute_name);
        visit("KeyType", s.key_type);
    }
};

template <> struct members_of<projection> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ProjectionType", s.projection_type);
        visit("NonKeyAttributes", s.non_key_attributes);
    }
};

template <> struct members_of<local_secondary_index> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("IndexName", s.index_name);
        visit("KeySchema", s.key_schema);
        visit("Projection", s.projection);
    }
};

template <> struct members_of<provisioned_throughput> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ReadCapacityUnits", s.read_capacity_units);
        visit("WriteCapacityUnits", s.write_capacity_units);
    }
};

template <> struct members_of<on_demand_throughput> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("MaxReadRequestUnits", s.max_read_request_units);
        visit("MaxWriteRequestUnits", s.max_write_request_units);
    }
};

template <> struct members_of<warm_throughput> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ReadUnitsPerSecond", s.read_units_per_second);
        visit("WriteUnitsPerSecond", s.write_units_per_second);
    }
};

template <> struct members_of<global_secondary_index> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("IndexName", s.index_name);
        visit("KeySchema", s.key_schema);
        visit("Projection", s.projection);
        visit("ProvisionedThroughput", s.provisioned_throughput);
        visit("OnDemandThroughput", s.on_demand_throughput);
        visit("WarmThroughput", s.warm_throughput);
    }
};

template <> struct members_of<stream_specification> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("StreamEnabled", s.stream_enabled);
        visit("StreamViewType", s.stream_view_type);
    }
};

template <> struct members_of<sse_specification> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Enabled", s.enabled);
        visit("SSEType", s.sse_type);
        visit("KMSMasterKeyId", s.kms_master_key_id);
    }
};

template <> struct members_of<tag> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Key", s.key);
        visit("Value", s.value);
    }
};

template <> struct members_of<vector_attribute_definition> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("AttributeName", s.attribute_name);
    }
};

template <> struct members_of<search_schema_element> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("AttributeName", s.attribute_name);
        visit("SearchSchemaElementType", s.search_schema_element_type);
    }
};

template <> struct members_of<vector_index> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("IndexName", s.index_name);
        visit("VectorAttribute", s.vector_attribute);
        visit("SearchSchema", s.search_schema);
        visit("Projection", s.projection);
        visit("Dimensions", s.dimensions);
        visit("DistanceFunction", s.distance_function);
    }
};

template <> struct members_of<provisioned_throughput_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("LastIncreaseDateTime", s.last_increase_date_time);
        visit("LastDecreaseDateTime", s.last_decrease_date_time);
        visit("NumberOfDecreasesToday", s.number_of_decreases_today);
        visit("ReadCapacityUnits", s.read_capacity_units);
        visit("WriteCapacityUnits", s.write_capacity_units);
    }
};

template <> struct members_of<billing_mode_summary> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("BillingMode", s.billing_mode);
        visit("LastUpdateToPayPerRequestDateTime", s.last_update_to_pay_per_request_date_time);
    }
};

template <> struct members_of<local_secondary_index_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("IndexName", s.index_name);
        visit("KeySchema", s.key_schema);
        visit("Projection", s.projection);
        visit("IndexSizeBytes", s.index_size_bytes);
        visit("ItemCount", s.item_count);
        visit("IndexArn", s.index_arn);
    }
};

template <> struct members_of<global_secondary_index_warm_throughput_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ReadUnitsPerSecond", s.read_units_per_second);
        visit("WriteUnitsPerSecond", s.write_units_per_second);
        visit("Status", s.status);
    }
};

template <> struct members_of<global_secondary_index_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("IndexName", s.index_name);
        visit("KeySchema", s.key_schema);
        visit("Projection", s.projection);
        visit("IndexStatus", s.index_status);
        visit("Backfilling", s.backfilling);
        visit("ProvisionedThroughput", s.provisioned_throughput);
        visit("IndexSizeBytes", s.index_size_bytes);
        visit("ItemCount", s.item_count);
        visit("IndexArn", s.index_arn);
        visit("OnDemandThroughput", s.on_demand_throughput);
        visit("WarmThroughput", s.warm_throughput);
    }
};

template <> struct members_of<provisioned_throughput_override> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ReadCapacityUnits", s.read_capacity_units);
    }
};

template <> struct members_of<on_demand_throughput_override> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("MaxReadRequestUnits", s.max_read_request_units);
    }
};

template <> struct members_of<table_warm_throughput_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ReadUnitsPerSecond", s.read_units_per_second);
        visit("WriteUnitsPerSecond", s.write_units_per_second);
        visit("Status", s.status);
    }
};

template <> struct members_of<replica_global_secondary_index_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("IndexName", s.index_name);
        visit("ProvisionedThroughputOverride", s.provisioned_throughput_override);
        visit("OnDemandThroughputOverride", s.on_demand_throughput_override);
        visit("WarmThroughput", s.warm_throughput);
    }
};

template <> struct members_of<table_class_summary> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableClass", s.table_class);
        visit("LastUpdateDateTime", s.last_update_date_time);
    }
};

template <> struct members_of<replica_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("RegionName", s.region_name);
        visit("ReplicaStatus", s.replica_status);
        visit("ReplicaArn", s.replica_arn);
        visit("ReplicaStatusDescription", s.replica_status_description);
        visit("ReplicaStatusPercentProgress", s.replica_status_percent_progress);
        visit("KMSMasterKeyId", s.kms_master_key_id);
        visit("ProvisionedThroughputOverride", s.provisioned_throughput_override);
        visit("OnDemandThroughputOverride", s.on_demand_throughput_override);
        visit("WarmThroughput", s.warm_throughput);
        visit("GlobalSecondaryIndexes", s.global_secondary_indexes);
        visit("ReplicaInaccessibleDateTime", s.replica_inaccessible_date_time);
        visit("ReplicaTableClassSummary", s.replica_table_class_summary);
        visit("GlobalTableSettingsReplicationMode", s.global_table_settings_replication_mode);
    }
};

template <> struct members_of<global_table_witness_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("RegionName", s.region_name);
        visit("WitnessStatus", s.witness_status);
    }
};

template <> struct members_of<restore_summary> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("SourceBackupArn", s.source_backup_arn);
        visit("SourceTableArn", s.source_table_arn);
        visit("RestoreDateTime", s.restore_date_time);
        visit("RestoreInProgress", s.restore_in_progress);
    }
};

template <> struct members_of<sse_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Status", s.status);
        visit("SSEType", s.sse_type);
        visit("KMSMasterKeyArn", s.kms_master_key_arn);
        visit("InaccessibleEncryptionDateTime", s.inaccessible_encryption_date_time);
    }
};

template <> struct members_of<archival_summary> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ArchivalDateTime", s.archival_date_time);
        visit("ArchivalReason", s.archival_reason);
        visit("ArchivalBackupArn", s.archival_backup_arn);
    }
};

template <> struct members_of<vector_index_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("IndexName", s.index_name);
        visit("SearchSchema", s.search_schema);
        visit("Projection", s.projection);
        visit("VectorAttribute", s.vector_attribute);
        visit("Dimensions", s.dimensions);
        visit("DistanceFunction", s.distance_function);
        visit("IndexStatus", s.index_status);
        visit("Backfilling", s.backfilling);
        visit("IndexSizeBytes", s.index_size_bytes);
        visit("ItemCount", s.item_count);
        visit("IndexArn", s.index_arn);
    }
};

template <> struct members_of<table_description> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("AttributeDefinitions", s.attribute_definitions);
        visit("TableName", s.table_name);
        visit("KeySchema", s.key_schema);
        visit("TableStatus", s.table_status);
        visit("CreationDateTime", s.creation_date_time);
        visit("ProvisionedThroughput", s.provisioned_throughput);
        visit("TableSizeBytes", s.table_size_bytes);
        visit("ItemCount", s.item_count);
        visit("TableArn", s.table_arn);
        visit("TableId", s.table_id);
        visit("BillingModeSummary", s.billing_mode_summary);
        visit("LocalSecondaryIndexes", s.local_secondary_indexes);
        visit("GlobalSecondaryIndexes", s.global_secondary_indexes);
        visit("StreamSpecification", s.stream_specification);
        visit("LatestStreamLabel", s.latest_stream_label);
        visit("LatestStreamArn", s.latest_stream_arn);
        visit("GlobalTableVersion", s.global_table_version);
        visit("Replicas", s.replicas);
        visit("GlobalTableWitnesses", s.global_table_witnesses);
        visit("GlobalTableSettingsReplicationMode", s.global_table_settings_replication_mode);
        visit("RestoreSummary", s.restore_summary);
        visit("SSEDescription", s.sse_description);
        visit("ArchivalSummary", s.archival_summary);
        visit("TableClassSummary", s.table_class_summary);
        visit("DeletionProtectionEnabled", s.deletion_protection_enabled);
        visit("OnDemandThroughput", s.on_demand_throughput);
        visit("WarmThroughput", s.warm_throughput);
        visit("MultiRegionConsistency", s.multi_region_consistency);
        visit("VectorIndexes", s.vector_indexes);
    }
};

} // namespace dynasio::dynamodb::detail

#endif
