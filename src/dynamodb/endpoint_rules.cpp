#include <dynasio/dynamodb/detail/endpoint_rules.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <array>

namespace dynasio::dynamodb::detail {
namespace {

/// The account in an ARN of DynamoDB in `region` ("arn:partition:dynamodb:region:account:resource"); empty when `arn`
/// has another form.
std::string_view account_in(std::string_view arn, std::string_view region) noexcept {
    std::array<std::string_view, 5> parts{};
    for (std::string_view& part : parts) {
        auto const colon = arn.find(':');
        if (colon == std::string_view::npos) return {};
        part = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    bool const well_formed = parts[0] == "arn" && !parts[1].empty() && !arn.empty();
    bool const ours = parts[2] == "dynamodb" && is_host_label(parts[3]) && parts[3] == region;
    return well_formed && ours && is_host_label(parts[4]) ? parts[4] : std::string_view();
}

/// "authority" of a URL: what is between "://" and the path.
std::string_view authority_of(std::string_view url) noexcept {
    auto const scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

endpoint_choice refused(endpoint_refusal why) {
    endpoint_choice out;
    out.refusal = why;
    return out;
}

endpoint_choice custom(endpoint_parameters const& p) {
    if (p.use_fips) return refused(endpoint_refusal::fips_with_custom_endpoint);
    if (p.use_dual_stack) return refused(endpoint_refusal::dual_stack_with_custom_endpoint);
    if (!p.region.empty() && !p.streams) {
        std::string_view const authority = authority_of(p.endpoint);
        std::string const host = std::string("dynamodb.") + std::string(p.region) + '.' +
                                 std::string(partition_of(p.region).dual_stack_suffix);
        if (authority == host || authority == "search-" + host)
            return refused(endpoint_refusal::custom_endpoint_is_dual_stack);
    }
    endpoint_choice out;
    out.url = p.endpoint;
    return out;
}

} // namespace

std::string_view explain(endpoint_refusal why) noexcept {
    switch (why) {
    case endpoint_refusal::no_region:
        return "no region is known";
    case endpoint_refusal::fips_with_custom_endpoint:
        return "use_fips: does not go with an endpoint of your own; give up one of the two";
    case endpoint_refusal::dual_stack_with_custom_endpoint:
        return "use_dual_stack: does not go with an endpoint of your own; give up one of the two";
    case endpoint_refusal::custom_endpoint_is_dual_stack:
        return "endpoint: this is DynamoDB's dual-stack endpoint; set use_dual_stack instead";
    case endpoint_refusal::fips_with_local:
        return "use_fips: does not go with the region local";
    case endpoint_refusal::dual_stack_with_local:
        return "use_dual_stack: does not go with the region local";
    case endpoint_refusal::no_fips_in_partition:
        return "use_fips: the region's partition has no FIPS endpoints";
    case endpoint_refusal::no_dual_stack_in_partition:
        return "use_dual_stack: the region's partition has no dual-stack endpoints";
    case endpoint_refusal::neither_in_partition:
        return "use_fips, use_dual_stack: the region's partition lacks endpoints that are both";
    case endpoint_refusal::account_with_fips:
        return "account_id_endpoint_mode: required, but accounts have no FIPS endpoints; give up one of the two";
    case endpoint_refusal::account_not_in_partition:
        return "account_id_endpoint_mode: required, but accounts have no endpoints in the region's partition";
    case endpoint_refusal::account_not_in_region:
        return "account_id_endpoint_mode: required, but accounts have no endpoints for streams in the region";
    case endpoint_refusal::no_account_id:
        return "account_id_endpoint_mode: required, but the credentials do not tell their account: set it with them "
               "(credentials::account_id, AWS_ACCOUNT_ID, aws_account_id), or use preferred";
    case endpoint_refusal::account_id_malformed:
        return "the account id that came with the credentials is none (twelve digits)";
    }
    return "";
}

namespace {

bool has_accounts_of_streams(std::string_view region) noexcept {
    std::string_view const in = partition_of(region).id;
    return (in == "aws" || in == "aws-cn" || in == "aws-us-gov") && region != "me-central-1" && region != "me-south-1";
}

/// The host of DynamoDB Streams, up to the region.
void append_streams_host(std::string& url, endpoint_parameters const& p, std::string_view account) {
    std::string_view const fips = p.use_fips ? "-fips" : "";
    if (!account.empty()) {
        url.append(account).append(".streams-ddb").append(fips);
    } else if (p.use_dual_stack) {
        url.append("streams-dynamodb").append(fips);
    } else {
        // The hosts of aws-us-gov conform to FIPS without "-fips".
        url.append("streams.dynamodb").append(partition_of(p.region).id == "aws-us-gov" ? "" : fips);
    }
    url += '.';
}

} // namespace

bool has_account_endpoints(endpoint_parameters const& p) noexcept {
    if (!p.account_mode || *p.account_mode == account_endpoint_mode::disabled || !p.endpoint.empty() ||
        p.region == "local")
        return false;
    if (p.streams) return has_accounts_of_streams(p.region);
    return !p.use_fips && partition_of(p.region).id == "aws";
}

endpoint_choice choose_endpoint(endpoint_parameters const& p) {
    if (!p.endpoint.empty()) return custom(p);
    if (p.region.empty()) return refused(endpoint_refusal::no_region);
    endpoint_choice out;
    if (p.region == "local") {
        if (p.use_fips) return refused(endpoint_refusal::fips_with_local);
        if (p.use_dual_stack) return refused(endpoint_refusal::dual_stack_with_local);
        out.url = "http://localhost:8000";
        return out;
    }
    partition const& in = partition_of(p.region);
    if (p.use_fips && p.use_dual_stack && !(in.has_fips && in.has_dual_stack))
        return refused(endpoint_refusal::neither_in_partition);
    if (p.use_fips && !in.has_fips) return refused(endpoint_refusal::no_fips_in_partition);
    if (p.use_dual_stack && !in.has_dual_stack) return refused(endpoint_refusal::no_dual_stack_in_partition);

    std::string_view account;
    if (has_account_endpoints(p)) {
        account = account_in(p.resource_arn, p.region);
        if (account.empty()) account = account_in(p.first_listed_arn, p.region);
        if (account.empty() && p.account_id) {
            if (!is_host_label(*p.account_id)) return refused(endpoint_refusal::account_id_malformed);
            account = *p.account_id;
        }
    }
    if (account.empty() && p.account_mode == account_endpoint_mode::required) {
        if (p.streams && !has_accounts_of_streams(p.region)) return refused(endpoint_refusal::account_not_in_region);
        if (p.use_fips && !p.streams) return refused(endpoint_refusal::account_with_fips);
        if (in.id != "aws" && !p.streams) return refused(endpoint_refusal::account_not_in_partition);
        return refused(endpoint_refusal::no_account_id);
    }

    out.url = "https://";
    out.of_account = !account.empty();
    if (p.streams) {
        append_streams_host(out.url, p, account);
    } else if (!account.empty()) {
        out.url.append(account).append(p.search ? ".search-ddb." : ".ddb.");
    } else {
        out.url += p.search ? "search-dynamodb" : "dynamodb";
        // The hosts of aws-us-gov conform to FIPS without "-fips", except those for dual stack.
        if (p.use_fips && (p.use_dual_stack || in.id != "aws-us-gov")) out.url += "-fips";
        out.url += '.';
    }
    out.url.append(p.region).append(".").append(p.use_dual_stack ? in.dual_stack_suffix : in.dns_suffix);
    return out;
}

namespace {

/// Reads the next object and returns the text of its member `name`; empty when that is missing or not a string.
std::string string_member(json_reader& in, std::string_view name) {
    std::string found;
    in.enter_object();
    std::string_view member;
    while (in.next_member(member)) {
        if (member == name && in.peek() == json_reader::kind::string) {
            found = in.read_string();
        } else {
            in.skip_value();
        }
    }
    return found;
}

/// The first table name of [{"Put":{"TableName":"…"}}, …].
std::string first_table_of_actions(json_reader& in) {
    std::string found;
    in.enter_array();
    while (in.next_element()) {
        in.enter_object();
        std::string_view kind;
        while (in.next_member(kind)) {
            if (found.empty()) {
                found = string_member(in, "TableName");
            } else {
                in.skip_value();
            }
        }
    }
    return found;
}

constexpr std::array<std::string_view, 8> naming_members = {"TableName",       "TableArn",        "ResourceArn",
                                                            "TargetTableName", "GlobalTableName", "BackupArn",
                                                            "ExportArn",       "ImportArn"};

/// Whether the member names the resource of an operation of DynamoDB Streams. (Another operation has a StreamArn, which
/// is one of Kinesis.) An iterator of a shard begins with the ARN of its stream.
bool names_stream(std::string_view operation, std::string_view member) noexcept {
    if (operation == "GetRecords") return member == "ShardIterator";
    return member == "StreamArn" && (operation == "DescribeStream" || operation == "GetShardIterator");
}

} // namespace

named_resources resources_of(std::string_view operation, std::string_view body) {
    named_resources out;
    bool const restores = operation == "RestoreTableFromBackup";
    try {
        json_reader in(body);
        in.enter_object();
        std::string_view member;
        while (in.next_member(member)) {
            bool const names_it =
                (std::find(naming_members.begin(), naming_members.end(), member) != naming_members.end() &&
                 !(restores && member == "BackupArn")) ||
                names_stream(operation, member);
            if (names_it && in.peek() == json_reader::kind::string) {
                out.one = in.read_string();
            } else if (member == "RequestItems") {
                in.enter_object();
                while (in.next_member(member)) {
                    if (out.first_listed.empty()) out.first_listed = member;
                    in.skip_value();
                }
            } else if (member == "TransactItems") {
                out.first_listed = first_table_of_actions(in);
            } else if (member == "TableCreationParameters") {
                out.one = string_member(in, "TableName");
            } else {
                in.skip_value();
            }
        }
    } catch (error const&) {
        return {};
    }
    return out;
}

} // namespace dynasio::dynamodb::detail
