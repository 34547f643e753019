"""Choices that do not follow from the service model: grouping, names, omissions, and documentation."""

# Operations that are left out, with the reason.
LEFT_OUT_OPERATIONS = {
    "SearchVectors": "it is served by another host than every other operation",
}

# The model's exceptions are not generated as structures: service_errc has their names, diagnostics their members.

# Members that are left out, with the reason. Shapes that only these members use are left out too.
_EXPRESSIONS = "legacy parameter: expressions replaced it, and the service refuses requests that mix the two"
LEFT_OUT_MEMBERS = {
    "AttributesToGet": _EXPRESSIONS,
    "AttributeUpdates": _EXPRESSIONS,
    "ConditionalOperator": _EXPRESSIONS,
    "Expected": _EXPRESSIONS,
    "KeyConditions": _EXPRESSIONS,
    "QueryFilter": _EXPRESSIONS,
    "ScanFilter": _EXPRESSIONS,
}

# Shapes that are an item (attribute_value.hpp) under other names.
ITEM_SHAPES = {"Key", "AttributeMap", "PutItemInputAttributeMap", "ItemCollectionKeyAttributeMap"}

# Shapes whose own name is a keyword or unclear in this namespace.
SHAPE_NAMES = {
    "Get": "transact_get",
    "Put": "transact_put",
    "Update": "transact_update",
    "Delete": "transact_delete",
    "ConditionCheck": "transact_condition_check",
    "Tag": "resource_tag",  # dynasio::tag is the argument by which schemas are found
    "BatchStatementErrorCodeEnum": "batch_statement_error_code",
    "Stream": "stream_summary",
    "Shard": "stream_shard",
    "Record": "change_record",
    "StreamRecord": "changed_item",
    "Identity": "change_identity",
    "OperationType": "change_event",
}

# Each family has one header of shapes and one source: a program that links one operation links its whole family.
FAMILIES = {
    "item": "Items",
    "batch": "Batches",
    "transaction": "Transactions",
    "statement": "PartiQL statements",
    "table": "Tables",
    "settings": "Settings of tables and of the account",
    "backup": "Backups",
    "transfer": "Export to and import from S3",
    "global_table": "Global tables and their scaling",
    "stream": "Streams of changes",
}

ALWAYS, NEVER, BY_REQUEST = "always", "never", "by request"
MODEL, BY_HAND = "model", "by hand"


class Operation:
    """One operation: its family, whether it only reads, whether a request may be sent twice and why, the origin of
    its check (the model's limits, or by hand in src/dynamodb/checks_*.cpp), and its documentation."""

    def __init__(self, family, reads, repeatable, why, check, request, client, response=None):
        self.family, self.reads, self.repeatable, self.why = family, reads, repeatable, why
        self.check, self.request, self.client, self.response = check, request, client, response


def _read(family, request, client, check=MODEL, response=None):
    return Operation(family, True, ALWAYS, "it only reads", check, request, client, response)


def _write(family, repeatable, why, request, client, check=MODEL, response=None):
    return Operation(family, False, repeatable, why, check, request, client, response)


# Answers that are compared with their request: by detail::check_answer() in src/dynamodb/checks_*.cpp.
CHECKED_ANSWERS = {"TransactGetItems"}

_TOKEN = "the token, the caller's or one made for the call, lets the service recognise the second as the first"

OPERATIONS = {
    "GetItem": _read(
        "item",
        "Reads one item by its key.",
        "Reads one item by its key. A missing item is no error: get_item_response::item is absent then.",
        BY_HAND,
    ),
    "PutItem": _write(
        "item",
        BY_REQUEST,
        "only without a condition, which the first of two may make false, and without requesting the old item",
        "Stores an item, replacing the one with the same key.",
        "Stores an item, replacing the one with the same key. Fails with service_errc::conditional_check_failed when "
        "the condition does not hold. Safe to repeat, unless there is a condition or the old item is requested.",
        BY_HAND,
    ),
    "UpdateItem": _write(
        "item",
        NEVER,
        "ADD and list_append would count twice",
        "Changes attributes of one item, which is made when it does not exist.",
        "Changes attributes of one item, or makes it. Not safe to repeat: ADD and list_append would count twice.",
        BY_HAND,
    ),
    "DeleteItem": _write(
        "item",
        BY_REQUEST,
        "only without a condition, which the first of two may make false, and without requesting the old item",
        "Deletes one item; succeeds also when there is none.",
        "Deletes one item; a missing one is no error. Safe to repeat, unless there is a condition or the old item is "
        "requested.",
        BY_HAND,
    ),
    "Query": _read(
        "item",
        "Reads items of one partition of a table or index, in the order of the sort key, one page at a time.",
        "One page of the items of a partition, at most 1 MB. query_response::last_evaluated_key, if present, starts "
        "the next page; dynamodb::pages() reads all pages.",
        BY_HAND,
        "One page of a Query.",
    ),
    "Scan": _read(
        "item",
        "Reads a whole table or index, one page at a time.",
        "One page of a table or index, at most 1 MB. All its pages together read, and cost, the whole table or index. "
        "dynamodb::pages() reads all pages.",
        BY_HAND,
        "One page of a Scan.",
    ),
    "BatchGetItem": _read(
        "batch",
        "Reads up to 100 items by key.",
        "Up to 100 items by key, in no particular order, as one call of the service; keys that it did not process are "
        "in unprocessed_keys. Refuses more keys (errc::batch_too_large) and duplicates (errc::invalid_argument). See "
        "read_batch().",
        BY_HAND,
    ),
    "BatchWriteItem": _write(
        "batch",
        ALWAYS,
        "its puts and deletes have no conditions",
        "Up to 25 puts and deletes, which are independent of each other: no conditions, no atomicity.",
        "Up to 25 puts and deletes as one call of the service; writes that it did not process are in "
        "unprocessed_items. Each write succeeds or fails by itself. See write_batch().",
        BY_HAND,
    ),
    "TransactGetItems": _read(
        "transaction",
        "Reads 1 to 100 items as one snapshot.",
        "1 to 100 items by key, all as they were at one moment; the answers are in the order of the keys. Costs twice "
        "as much as consistent reads. Fails as a whole with service_errc::transaction_canceled, for instance when one "
        "of them is being written by another transaction.",
        BY_HAND,
    ),
    "TransactWriteItems": _write(
        "transaction",
        ALWAYS,
        _TOKEN,
        "1 to 100 puts, updates, deletes and conditions, all or nothing, one for each item.",
        "1 to 100 writes and conditions on different items: all of them happen, or none. Fails with "
        "service_errc::transaction_canceled when none happened; diagnostics::cancellation_reasons then has the reasons "
        "in the order of the actions. Safe to repeat: unless the request has a client_request_token, one is made and "
        "sent with every attempt; the service remembers it for ten minutes. Refuses two actions on one item, if their "
        "keys show it (errc::invalid_argument).",
        BY_HAND,
    ),
    "ExecuteStatement": _write(
        "statement",
        BY_REQUEST,
        "only a SELECT",
        "One PartiQL statement.",
        "One PartiQL statement: a page of a SELECT, or one write. Only a SELECT is safe to repeat.",
        BY_HAND,
        "Answer to ExecuteStatement; for a SELECT, one page.",
    ),
    "BatchExecuteStatement": _write(
        "statement",
        BY_REQUEST,
        "only if every statement is a SELECT",
        "Up to 25 PartiQL statements, all reads or all writes, which are independent of each other.",
        "Up to 25 PartiQL statements, either all reads or all writes, as one call of the service. Succeeds even if "
        "statements fail: batch_statement_response::error has each statement's error, in the order of the statements. "
        "Only reads are safe to repeat.",
        BY_HAND,
    ),
    "ExecuteTransaction": _write(
        "statement",
        ALWAYS,
        _TOKEN,
        "Up to 100 PartiQL statements, all or nothing; all reads or all writes.",
        "Up to 100 PartiQL statements, either all reads or all writes: all of them happen, or none "
        "(service_errc::transaction_canceled). Safe to repeat, as transact_write_items() is.",
        BY_HAND,
    ),
    "CreateTable": _write(
        "table",
        NEVER,
        "the second of two fails because the table exists",
        "Creates a table; it can be used once it is ACTIVE (client::wait_until_active()).",
        "Starts creating a table. It is usable once it is ACTIVE: wait_until_active(). Billed by request unless "
        "throughput is given. Not safe to repeat.",
        BY_HAND,
    ),
    "DescribeTable": _read(
        "table",
        "Asks for the state and the settings of a table.",
        "State and settings of a table; service_errc::resource_not_found if there is none.",
    ),
    "UpdateTable": _write(
        "table",
        NEVER,
        "the second of two fails while the first takes effect",
        "Changes settings, indexes or replicas of a table.",
        "Starts changing settings, indexes or replicas of a table. The change is complete when the table is ACTIVE "
        "again: wait_until_active(). The service accepts one change at a time. Not safe to repeat.",
    ),
    "DeleteTable": _write(
        "table",
        NEVER,
        "the second of two fails because the table does not exist",
        "Deletes a table with everything in it.",
        "Starts deleting a table with everything in it; it is gone after wait_until_gone(). Not safe to repeat.",
    ),
    "ListTables": _read(
        "table",
        "Asks for the names of the account's tables in the region, one page at a time.",
        "Names of the account's tables in the region, at most 100; list_tables_response::last_evaluated_table_name, if "
        "present, starts the next page.",
        response="One page of ListTables.",
    ),
    "DescribeTimeToLive": _read(
        "settings",
        "Asks for the time-to-live setting of a table.",
        "Whether items of the table expire, and by which attribute.",
    ),
    "UpdateTimeToLive": _write(
        "settings",
        NEVER,
        "the second of two fails because nothing is left to change",
        "Switches the expiry of items on or off.",
        "Switches the expiry of items by one attribute (a number: seconds since 1970) on or off. The change takes the "
        "service up to an hour, in which it accepts no other change. Not safe to repeat.",
    ),
    "TagResource": _write(
        "settings",
        ALWAYS,
        "a tag that is set twice has the same value",
        "Sets tags of a table.",
        "Sets tags of the table with this ARN; other tags stay. Safe to repeat.",
    ),
    "UntagResource": _write(
        "settings",
        ALWAYS,
        "removing a tag that is gone is no error",
        "Removes tags of a table.",
        "Removes tags of the table with this ARN by their keys. Safe to repeat.",
    ),
    "ListTagsOfResource": _read(
        "settings",
        "Asks for the tags of a table, one page at a time.",
        "Tags of the table with this ARN; list_tags_of_resource_response::next_token, if present, starts the next page.",
        response="One page of ListTagsOfResource.",
    ),
    "GetResourcePolicy": _read(
        "settings",
        "Asks for the policy attached to a table or stream.",
        "The policy attached to the table or stream with this ARN, as JSON.",
    ),
    "PutResourcePolicy": _write(
        "settings",
        BY_REQUEST,
        "only without an expected revision, which the first of two replaces",
        "Attaches a policy to a table or stream, replacing the one before.",
        "Attaches a policy to the table or stream with this ARN, replacing the one before. Safe to repeat, unless a "
        "revision is expected.",
    ),
    "DeleteResourcePolicy": _write(
        "settings",
        BY_REQUEST,
        "only without an expected revision, which the first of two removes",
        "Removes the policy attached to a table or stream.",
        "Removes the policy of the table or stream with this ARN; succeeds also if there is none. Safe to repeat, "
        "unless a revision is expected.",
    ),
    "DescribeLimits": _read(
        "settings",
        "Asks for the account's capacity limits in the region.",
        "The account's provisioned capacity limits in the region, and those of one table.",
    ),
    "DescribeEndpoints": _read(
        "settings",
        "Asks for the service's endpoints in the region.",
        "The service's endpoints in the region, as it reports them. The client itself does not need them.",
    ),
    "EnableKinesisStreamingDestination": _write(
        "settings",
        NEVER,
        "the second of two fails because the stream is in use",
        "Starts sending changes of a table to a Kinesis data stream.",
        "Starts sending changes of a table to a Kinesis data stream: wait_until_kinesis_streaming_active(). Not safe "
        "to repeat.",
    ),
    "DisableKinesisStreamingDestination": _write(
        "settings",
        NEVER,
        "the second of two fails because the stream is in use",
        "Stops sending changes of a table to a Kinesis data stream.",
        "Stops sending changes of a table to a Kinesis data stream. Not safe to repeat.",
    ),
    "UpdateKinesisStreamingDestination": _write(
        "settings",
        NEVER,
        "the second of two fails while the first takes effect",
        "Changes how changes of a table are sent to a Kinesis data stream.",
        "Changes how changes of a table are sent to a Kinesis data stream. Not safe to repeat.",
    ),
    "DescribeKinesisStreamingDestination": _read(
        "settings",
        "Asks which Kinesis data streams get the changes of a table.",
        "The Kinesis data streams that get the changes of a table, and their states.",
    ),
    "DescribeContributorInsights": _read(
        "settings",
        "Asks whether the most used keys of a table or index are recorded.",
        "Whether CloudWatch records the most used keys of a table or index.",
    ),
    "UpdateContributorInsights": _write(
        "settings",
        NEVER,
        "the second of two may fail while the first takes effect",
        "Switches recording of the most used keys of a table or index on or off.",
        "Switches recording of the most used keys of a table or index on or off: "
        "wait_until_contributor_insights_enabled(). Not safe to repeat.",
    ),
    "ListContributorInsights": _read(
        "settings",
        "Asks which tables and indexes have their most used keys recorded, one page at a time.",
        "Tables and indexes with a record of the most used keys; list_contributor_insights_response::next_token, if "
        "present, starts the next page.",
        response="One page of ListContributorInsights.",
    ),
    "CreateBackup": _write(
        "backup",
        NEVER,
        "two calls make two backups",
        "Makes a backup of a table.",
        "Makes a backup of a table on demand. Not safe to repeat: two calls make two backups.",
    ),
    "DescribeBackup": _read(
        "backup",
        "Asks for the state of a backup.",
        "State of a backup, and the table it was made from.",
    ),
    "DeleteBackup": _write(
        "backup",
        NEVER,
        "the second of two fails because the backup does not exist",
        "Deletes a backup.",
        "Deletes a backup. Not safe to repeat.",
    ),
    "ListBackups": _read(
        "backup",
        "Asks for the account's backups in the region, one page at a time.",
        "Backups of the account in the region, or of one table; list_backups_response::last_evaluated_backup_arn, if "
        "present, starts the next page.",
        response="One page of ListBackups.",
    ),
    "RestoreTableFromBackup": _write(
        "backup",
        NEVER,
        "the second of two fails because the table exists",
        "Makes a new table from a backup.",
        "Starts making a new table from a backup: wait_until_active(). Not safe to repeat.",
    ),
    "RestoreTableToPointInTime": _write(
        "backup",
        NEVER,
        "the second of two fails because the table exists",
        "Makes a new table from the state of another one at an earlier time.",
        "Starts making a new table from the state of another one at an earlier time: wait_until_active(). Needs "
        "point-in-time recovery (update_continuous_backups()). Not safe to repeat.",
    ),
    "DescribeContinuousBackups": _read(
        "backup",
        "Asks to which times a table can be restored.",
        "Whether a table can be restored to an earlier time, and to which.",
    ),
    "UpdateContinuousBackups": _write(
        "backup",
        NEVER,
        "switching it on again could restart the period",
        "Switches point-in-time recovery of a table on or off.",
        "Switches point-in-time recovery of a table on or off. Not safe to repeat.",
    ),
    "ExportTableToPointInTime": _write(
        "transfer",
        ALWAYS,
        _TOKEN,
        "Writes a table, as it was at an earlier time, to S3.",
        "Starts writing a table, as it was at an earlier time, to S3: wait_until_export_completed(). Needs "
        "point-in-time recovery. Safe to repeat: unless the request has a client_token, one is made and sent with "
        "every attempt.",
    ),
    "DescribeExport": _read(
        "transfer",
        "Asks for the state of an export.",
        "State of an export to S3.",
    ),
    "ListExports": _read(
        "transfer",
        "Asks for the exports of the last 90 days, one page at a time.",
        "Exports of the last 90 days; list_exports_response::next_token, if present, starts the next page.",
        response="One page of ListExports.",
    ),
    "ImportTable": _write(
        "transfer",
        ALWAYS,
        _TOKEN,
        "Makes a new table from files in S3.",
        "Starts making a new table from files in S3: wait_until_import_completed(). Safe to repeat: unless the request "
        "has a client_token, one is made and sent with every attempt.",
    ),
    "DescribeImport": _read(
        "transfer",
        "Asks for the state of an import.",
        "State of an import from S3.",
    ),
    "ListImports": _read(
        "transfer",
        "Asks for the imports of the last 90 days, one page at a time.",
        "Imports of the last 90 days; list_imports_response::next_token, if present, starts the next page.",
        response="One page of ListImports.",
    ),
    "CreateGlobalTable": _write(
        "global_table",
        NEVER,
        "the second of two fails because the global table exists",
        "Joins tables of one name in several regions (global tables of version 2017.11.29).",
        "Joins empty tables of one name in several regions into a global table of version 2017.11.29; replicas of the "
        "present version are made by update_table(). Not safe to repeat.",
    ),
    "DescribeGlobalTable": _read(
        "global_table",
        "Asks for the replicas of a global table (version 2017.11.29).",
        "Replicas of a global table of version 2017.11.29; those of the present version are in describe_table().",
    ),
    "UpdateGlobalTable": _write(
        "global_table",
        NEVER,
        "the second of two fails because the replica exists already, or does not exist any more",
        "Adds or removes replicas of a global table (version 2017.11.29).",
        "Adds or removes replicas of a global table of version 2017.11.29. Not safe to repeat.",
    ),
    "ListGlobalTables": _read(
        "global_table",
        "Asks for the account's global tables (version 2017.11.29), one page at a time.",
        "Global tables of version 2017.11.29; list_global_tables_response::last_evaluated_global_table_name, if "
        "present, starts the next page.",
        response="One page of ListGlobalTables.",
    ),
    "DescribeGlobalTableSettings": _read(
        "global_table",
        "Asks for the settings of a global table in every region (version 2017.11.29).",
        "Settings of a global table of version 2017.11.29 in every region.",
    ),
    "UpdateGlobalTableSettings": _write(
        "global_table",
        NEVER,
        "the second of two fails while the first takes effect",
        "Changes settings of a global table (version 2017.11.29).",
        "Changes settings of a global table of version 2017.11.29. Not safe to repeat.",
    ),
    "DescribeTableReplicaAutoScaling": _read(
        "global_table",
        "Asks for the scaling settings of the replicas of a global table.",
        "Scaling settings of the replicas of a global table.",
    ),
    "UpdateTableReplicaAutoScaling": _write(
        "global_table",
        NEVER,
        "the second of two fails while the first takes effect",
        "Changes scaling settings of the replicas of a global table.",
        "Changes scaling settings of the replicas of a global table. Not safe to repeat.",
    ),
    "ListStreams": _read(
        "stream",
        "Lists the streams of a table or of the account, a page at a time.",
        "Streams of a table or of the account, at most 100 on a page. The streams of a table include those that were "
        "disabled less than 24 hours ago.",
    ),
    "DescribeStream": _read(
        "stream",
        "Describes a stream and its shards, a page at a time.",
        "A stream with at most 100 of its shards. stream_description::last_evaluated_shard_id, if present, starts the "
        "next page.",
    ),
    "GetShardIterator": _read(
        "stream",
        "Makes an iterator that GetRecords reads a shard with.",
        "An iterator for GetRecords, which holds for 15 minutes. Fails with service_errc::trimmed_data_access when the "
        "sequence number is older than what the stream keeps, which is 24 hours.",
    ),
    "GetRecords": _read(
        "stream",
        "Reads changes from a shard.",
        "Changes of one shard, at most 1000 or 1 MB; none when there are none yet. "
        "get_records_response::next_shard_iterator is absent at the end of a closed shard. Fails with "
        "service_errc::expired_iterator, service_errc::trimmed_data_access, and service_errc::limit_exceeded for more "
        "than two readers or five calls a second of one shard. A second call with an iterator reads the same changes.",
    ),
}

# Comments of members whose name is not sufficient. Other members have no comment.
MEMBER_DOCS = {
    "ApproximateCreationDateTimePrecision": "Precision of the time stamp in each record of the stream.",
    "Backfilling": "Whether items are still being added to the new index.",
    "BillingMode": "Absent: PAY_PER_REQUEST, or PROVISIONED when `provisioned_throughput` is given.",
    "ClientRequestToken": "Absent: a token is made for the call. At most 36 characters; the service remembers it for "
    "ten minutes.",
    "ClientToken": "Absent: a token is made for the call. The service remembers it for eight hours.",
    "ConditionExpression": "The write happens only if this holds, else service_errc::conditional_check_failed.",
    "ConsistentRead": "Absent: eventually consistent, at half the cost. Not available on global secondary indexes.",
    "Count": "Items in this page, after the filter.",
    "ExclusiveStartKey": "`last_evaluated_key` of the previous page.",
    "ExclusiveStartTableName": "`last_evaluated_table_name` of the previous page.",
    "ExclusiveStartBackupArn": "`last_evaluated_backup_arn` of the previous page.",
    "ExclusiveStartGlobalTableName": "`last_evaluated_global_table_name` of the previous page.",
    "ExpectedRevisionId": "The change happens only if the present policy has this revision.",
    "ExportTime": "Absent: now. Between the earliest and the latest restorable time.",
    "ExpressionAttributeNames": 'Substitutes ("#n") used in the expressions; each must be used.',
    "ExpressionAttributeValues": 'Values (":v") used in the expressions; each must be used.',
    "FilterExpression": "Applied after reading: items that it drops are paid for and count against `limit`.",
    "LastEvaluatedBackupArn": "Absent after the last page.",
    "LastEvaluatedGlobalTableName": "Absent after the last page.",
    "LastEvaluatedKey": "Absent after the last page; a page may be empty although more follow.",
    "LastEvaluatedTableName": "Absent after the last page.",
    "Limit": "Items examined, not items returned.",
    "NextToken": "In a request, the token from the previous page; in an answer, absent after the last page.",
    "Parameters": "Values for the question marks of the statement, in their order.",
    "ProjectionExpression": "Attributes to return; absent: all.",
    "RecoveryPeriodInDays": "1 to 35; absent: 35.",
    "RequestItems": "Keys or writes by table name.",
    "ResourceArn": "ARN of the table (for policies also of a stream).",
    "Responses": "Items by table name, in no particular order; keys without an item do not appear.",
    "ReturnConsumedCapacity": "Detail of the consumed capacity to report; call_options::report() requests TOTAL when "
    "this is absent.",
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD: the stored item is returned in diagnostics::item when the "
    "condition fails.",
    "ScanIndexForward": "Absent: ascending by sort key.",
    "ScannedCount": "Items examined for this page, before the filter.",
    "Segment": "Counted from 0; goes with `total_segments`.",
    "SizeEstimateRangeGB": "Lower and upper bound.",
    "TableName": "Name or ARN of the table.",
    "TransactStatements": "At most 100.",
    "UnprocessedItems": "Writes that the service did not process: send them again, as client::write_batch() does.",
    "UnprocessedKeys": "Keys that the service did not process: send them again, as client::read_batch() does.",
    "UseLatestRestorableTime": "In place of `restore_date_time`: the latest restorable time, about five minutes ago.",
}

_TRANSACTION_CONDITION = "The transaction happens only if this holds, else it is cancelled."
_TRANSACTION_RETURNS = (
    "ALL_OLD: the stored item is returned in diagnostics::cancellation_reasons when the condition fails."
)

# Comments of members of one shape, in place of MEMBER_DOCS; an empty text removes the general comment.
SHAPE_MEMBER_DOCS = {
    ("DescribeStreamInput", "Limit"): "At most 100 shards on a page.",
    ("GetRecordsInput", "Limit"): "At most 1000 changes; fewer when they are large.",
    ("GetRecordsOutput", "NextShardIterator"): "Absent at the end of a closed shard.",
    ("GetShardIteratorInput", "SequenceNumber"): "For AT_SEQUENCE_NUMBER and AFTER_SEQUENCE_NUMBER.",
    ("GetShardIteratorInput", "Timestamp"): "For AT_TIMESTAMP.",
    ("Identity", "PrincipalId"): '"dynamodb.amazonaws.com" for a removal by time to live.',
    ("Identity", "Type"): '"Service" for a removal by time to live.',
    ("ListStreamsInput", "Limit"): "At most 100 on a page.",
    ("ListStreamsInput", "TableName"): "Absent: those of all tables.",
    ("Record", "dynamodb"): "The item.",
    ("SequenceNumberRange", "EndingSequenceNumber"): "Absent while the shard is open.",
    ("Shard", "ParentShardId"): "The shard that this one continues. It may be trimmed already.",
    ("Stream", "TableName"): "",
    ("StreamDescription", "TableName"): "",
    ("StreamRecord", "ApproximateCreationDateTime"): "Rounded down to the second.",
    ("StreamRecord", "Keys"): "The key of the item.",
    ("StreamRecord", "NewImage"): "The item after the change, if the stream holds it.",
    ("StreamRecord", "OldImage"): "The item before the change, if the stream holds it.",
    ("ParameterizedStatement", "ReturnValuesOnConditionCheckFailure"): _TRANSACTION_RETURNS,
    ("Update", "ConditionExpression"): _TRANSACTION_CONDITION,
    ("Update", "ReturnValuesOnConditionCheckFailure"): _TRANSACTION_RETURNS,
    ("Put", "ConditionExpression"): _TRANSACTION_CONDITION,
    ("Put", "ReturnValuesOnConditionCheckFailure"): _TRANSACTION_RETURNS,
    ("Delete", "ConditionExpression"): _TRANSACTION_CONDITION,
    ("Delete", "ReturnValuesOnConditionCheckFailure"): _TRANSACTION_RETURNS,
    ("ConditionCheck", "ConditionExpression"): _TRANSACTION_CONDITION,
    ("ConditionCheck", "ReturnValuesOnConditionCheckFailure"): _TRANSACTION_RETURNS,
    ("BackupSummary", "TableName"): "",
    ("BatchStatementRequest", "ReturnValuesOnConditionCheckFailure"): "ALL_OLD: the stored item is returned in "
    "batch_statement_error::item when the condition fails.",
    ("BatchExecuteStatementInput", "Statements"): "At most 25, all reads or all writes.",
    ("BatchExecuteStatementOutput", "Responses"): "In the order of the statements.",
    ("BatchStatementResponse", "Error"): "Present when this statement failed.",
    ("BatchStatementResponse", "TableName"): "",
    ("BillingModeSummary", "BillingMode"): "",
    ("ConsumedCapacity", "TableName"): "",
    ("ContributorInsightsSummary", "TableName"): "",
    ("CreateTableInput", "AttributeDefinitions"): "Exactly the attributes that are keys of the table or of an index.",
    ("CreateTableInput", "KeySchema"): "One HASH element, then at most one RANGE element.",
    ("DeleteItemInput", "ReturnValues"): "NONE or ALL_OLD.",
    ("DeleteItemOutput", "Attributes"): "The deleted item, when ALL_OLD was requested and there was one.",
    ("DescribeContributorInsightsOutput", "TableName"): "",
    ("DescribeKinesisStreamingDestinationOutput", "TableName"): "",
    ("ExecuteStatementInput", "Limit"): "Items examined for one page of a SELECT.",
    ("ExecuteStatementInput", "Statement"): "At most 8192 characters.",
    ("ExecuteTransactionOutput", "Responses"): "For reads: in the order of the statements; an entry without an item "
    "where none was found.",
    ("ExportDescription", "ClientToken"): "",
    ("ExportDescription", "ExportTime"): "",
    ("GetItemOutput", "Item"): "Absent when no item has the key; present and empty when the item has no attribute of "
    "the projection.",
    ("ImportTableDescription", "ClientToken"): "",
    ("KeysAndAttributes", "Keys"): "At most 100 in one call over all tables, without duplicates.",
    ("KinesisStreamingDestinationOutput", "TableName"): "",
    ("ListBackupsInput", "Limit"): "At most 100 on a page.",
    ("ListBackupsInput", "TableName"): "Absent: those of all tables.",
    ("ListContributorInsightsInput", "TableName"): "Absent: those of all tables.",
    ("ListExportsInput", "MaxResults"): "At most 25 on a page.",
    ("ListExportsInput", "TableArn"): "Absent: those of all tables.",
    ("ListGlobalTablesInput", "Limit"): "Tables on a page.",
    ("ListImportsInput", "PageSize"): "At most 25 on a page.",
    ("ListImportsInput", "TableArn"): "Absent: those of all tables.",
    ("ListTablesInput", "Limit"): "At most 100 on a page.",
    ("PutItemInput", "ReturnValues"): "NONE or ALL_OLD.",
    ("PutItemOutput", "Attributes"): "The replaced item, when ALL_OLD was requested and there was one.",
    ("QueryInput", "ConsistentRead"): "Absent: eventually consistent. Refused on global secondary indexes.",
    ("QueryInput", "KeyConditionExpression"): "Equality on every partition key attribute, at most one range on the sort "
    "key.",
    ("QueryOutput", "Items"): "Absent when only the count was requested.",
    ("RestoreTableToPointInTimeInput", "SourceTableArn"): "Set either this or `source_table_name`.",
    ("ScanOutput", "Items"): "Absent when only the count was requested.",
    ("SourceTableDetails", "BillingMode"): "",
    ("SourceTableDetails", "TableName"): "",
    ("TableAutoScalingDescription", "TableName"): "",
    ("TableCreationParameters", "TableName"): "Name of the new table.",
    ("TableDescription", "ItemCount"): "Updated by the service about every six hours.",
    ("TableDescription", "TableName"): "",
    ("TableDescription", "TableSizeBytes"): "Updated by the service about every six hours.",
    ("TransactGetItemsInput", "TransactItems"): "1 to 100.",
    ("TransactGetItemsOutput", "Responses"): "In the order of the keys; an entry without an item where none was found.",
    ("TransactWriteItemsInput", "TransactItems"): "1 to 100, no two on the same item.",
    ("UpdateItemInput", "UpdateExpression"): "Absent: if the item does not exist, an item with only the key is made.",
    ("UpdateItemOutput", "Attributes"): "As requested by `return_values`.",
    ("UpdateKinesisStreamingDestinationOutput", "TableName"): "",
    ("UpdateContributorInsightsOutput", "TableName"): "",
    ("DescribeGlobalTableSettingsOutput", "GlobalTableName"): "",
    ("UpdateTableInput", "AttributeDefinitions"): "The key attributes of a new index.",
    ("UpdateTableInput", "BillingMode"): "",
}

STRUCT_DOCS = {
    "Identity": "Who removed an item: the service itself when its time to live had passed.",
    "Record": "One change of an item.",
    "SequenceNumberRange": "The changes that a shard holds.",
    "Shard": "A part of a stream.",
    "ShardFilter": "Which shards to describe.",
    "Stream": "A stream of a table.",
    "StreamDescription": "State of a stream and some of its shards.",
    "StreamRecord": "An item before and after a change.",
    "AttributeDefinition": "Type of a key attribute.",
    "BatchStatementError": "Why one statement of a batch failed.",
    "BatchStatementRequest": "One statement of a batch.",
    "BatchStatementResponse": "The result of one statement of a batch.",
    "Capacity": "Capacity units of a table or an index.",
    "ConditionCheck": "A condition of a transaction on an item that it does not write.",
    "ConsumedCapacity": "Capacity that one call consumed on one table.",
    "Delete": "A delete of a transaction.",
    "DeleteRequest": "A delete of BatchWriteItem.",
    "Get": "A read of a transaction.",
    "GlobalSecondaryIndexUpdate": "Exactly one of the members.",
    "GlobalTableWitnessGroupUpdate": "Exactly one of the members.",
    "ItemCollectionMetrics": "Size of an item collection (tables with local secondary indexes only).",
    "ItemResponse": "The result of one read of a transaction: the item, if there is one.",
    "KeySchemaElement": "One attribute of a key.",
    "KeysAndAttributes": "Keys to read from one table, and which attributes to return.",
    "ParameterizedStatement": "One statement of a transaction.",
    "Projection": "Which attributes an index holds.",
    "Put": "A put of a transaction.",
    "PutRequest": "A put of BatchWriteItem.",
    "ReplicaUpdate": "Exactly one of the members.",
    "ReplicationGroupUpdate": "Exactly one of the members.",
    "TableDescription": "State and settings of a table.",
    "TransactGetItem": "One read of TransactGetItems.",
    "TransactWriteItem": "One action of TransactWriteItems: exactly one of the members.",
    "Update": "An update of a transaction.",
    "VectorCapacity": "Capacity of a vector index, in bytes.",
    "VectorIndexUpdate": "Exactly one of the members.",
    "WriteRequest": "A put or a delete: exactly one of the members.",
}

# Constructors take what the service requires. A parameter is called by the last word of its member, unless it is here.
PARAMETER_NAMES = {
    "AttributeType": "type",
    "AttributeDefinitions": "attributes",
    "ConditionExpression": "condition",
    "Dimensions": "dimension_count",
    "Get": "read",
    "Item": "attributes",
    "Key": "key_attributes",
    "Keys": "wanted",
    "KeySchema": "keys",
    "Parameters": "values",
    "Policy": "text",
    "Projection": "projected",
    "ReadCapacityUnits": "read",
    "ReplicationGroup": "replicas",
    "S3Bucket": "bucket",
    "S3BucketSource": "source",
    "SearchSchemaElementType": "type",
    "Statement": "text",
    "Statements": "all",
    "Tags": "wanted",
    "TableName": "table",
    "TargetTableName": "target",
    "Value": "text",
    "VectorAttribute": "vector",
    "WriteCapacityUnits": "write",
}
SHAPE_PARAMETER_NAMES = {
    ("Tag", "Key"): "name",
}

# Structures with exactly one of several members that get a constructor from each of these members.
UNIONS = {"WriteRequest", "TransactWriteItem"}

# append_json() of these is written by hand; the generated function is detail::append_members().
WRITTEN_BY_HAND = {"CreateTable"}

# Operations with pages: request's token, answer's token, what a page holds. Those of paginators-1.json are compared with
# it; these have tokens, but are not in it.
MORE_PAGINATORS = {
    "ListStreams": ("ExclusiveStartStreamArn", "LastEvaluatedStreamArn", "Streams"),
    "ExecuteStatement": ("NextToken", "NextToken", "Items"),
    "ListContributorInsights": ("NextToken", "NextToken", "ContributorInsightsSummaries"),
    "ListExports": ("NextToken", "NextToken", "ExportSummaries"),
    "ListGlobalTables": ("ExclusiveStartGlobalTableName", "LastEvaluatedGlobalTableName", "GlobalTables"),
    "ListImports": ("NextToken", "NextToken", "ImportSummaryList"),
}
