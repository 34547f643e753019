#include "answers.hpp"

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include "json_value.hpp"
#include "wipe.hpp"
#include "xml_texts.hpp"

namespace dynasio::aws::detail {
namespace {

[[noreturn]] void fail(std::string const& source, std::string_view what) {
    throw_error(errc::no_credentials, source + " " + std::string(what));
}

/// Makes credentials from the three texts; `secret` and `token` are wiped.
credentials make(std::string const& source, std::string id, std::string& secret, std::string& token) {
    wipe_at_exit const wipe_secret(secret);
    wipe_at_exit const wipe_token(token);
    if (id.empty()) fail(source, "gave no access key");
    if (secret.empty()) fail(source, "gave no secret key");
    if (!is_token(id) || (!token.empty() && !is_token(token)))
        fail(source, "gave an access key or session token with characters that fit no header");
    return credentials(std::move(id), take_secret(secret), take_secret(token));
}

std::optional<system_time> expiration(json_value const& json, std::string_view name, std::string const& source) {
    std::string const text = json.string(name);
    if (text.empty()) {
        if (json.find(name) != nullptr) fail(source, "gave an expiration that is no text");
        return std::nullopt;
    }
    auto const time = parse_time(text);
    if (!time) fail(source, "gave an expiration that is no RFC 3339 time");
    return time;
}

json_value object_of(std::string_view text, std::string const& source) {
    auto json = json_value::parse(text);
    if (!json || !json->is_object()) fail(source, "gave something that is no JSON object");
    return std::move(*json);
}

} // namespace

std::optional<system_time> parse_time(std::string_view text) {
    std::string changed(text);
    if (changed.ends_with("UTC")) changed.replace(changed.size() - 3, 3, "Z");
    auto const time = timestamp::parse(changed);
    if (!time) return std::nullopt;
    return time->time();
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

credentials read_process_output(std::string_view output, std::string const& account_id) {
    std::string const source = "credential_process";
    json_value const json = object_of(output, source);
    if (json.integer("Version") != 1) fail(source, "gave another version of its format than 1");
    std::string secret = json.string("SecretAccessKey");
    std::string token = json.string("SessionToken");
    credentials result = make(source, json.string("AccessKeyId"), secret, token);
    result.expires_at = expiration(json, "Expiration", source);
    result.account_id = json.string("AccountId");
    if (result.account_id.empty()) result.account_id = account_id;
    return result;
}

credentials read_metadata_credentials(std::string_view body, std::string const& source) {
    json_value const json = object_of(body, source);
    std::string const code = json.string("Code");
    if (!code.empty() && code != "Success") {
        diagnostics d;
        d.message = source + " answers with an error code instead of credentials";
        d.service_code = code;
        d.service_message = json.string("Message");
        throw_error(errc::no_credentials, std::move(d));
    }
    std::string secret = json.string("SecretAccessKey");
    std::string token = json.string("Token");
    credentials result = make(source, json.string("AccessKeyId"), secret, token);
    result.expires_at = expiration(json, "Expiration", source);
    result.account_id = json.string("AccountId");
    return result;
}

credentials read_sso_credentials(std::string_view body, std::string const& account_id) {
    std::string const source = "SSO";
    json_value const json = object_of(body, source);
    json_value const* const role = json.find("roleCredentials");
    if (role == nullptr || !role->is_object()) fail(source, "gave no roleCredentials");
    std::string secret = role->string("secretAccessKey");
    std::string token = role->string("sessionToken");
    credentials result = make(source, role->string("accessKeyId"), secret, token);
    auto const expires = role->integer("expiration");
    if (!expires) fail(source, "gave no expiration");
    result.expires_at = system_time(std::chrono::milliseconds(*expires));
    result.account_id = account_id;
    return result;
}

credentials read_sts_credentials(std::string_view body, std::string const& action) {
    std::string const source = "STS " + action;
    auto const xml = xml_texts::parse(body);
    if (!xml || xml->root() != action + "Response") fail(source, "gave something that is not its XML answer");
    std::string const result_path = action + "Response/" + action + "Result/";
    std::string const path = result_path + "Credentials/";
    std::string secret = xml->text(path + "SecretAccessKey");
    std::string token = xml->text(path + "SessionToken");
    if (token.empty()) {
        wipe(secret);
        fail(source, "gave no session token");
    }
    credentials result = make(source, xml->text(path + "AccessKeyId"), secret, token);
    result.expires_at = parse_time(xml->text(path + "Expiration"));
    if (!result.expires_at) fail(source, "gave no expiration that is an RFC 3339 time");
    // arn:partition:sts:region:account:assumed-role/…
    std::string const arn = xml->text(result_path + "AssumedRoleUser/Arn");
    std::size_t begin = 0;
    for (int colons = 0; colons != 4 && begin != std::string::npos; ++colons) {
        begin = arn.find(':', begin);
        if (begin != std::string::npos) ++begin;
    }
    if (begin != std::string::npos && arn.find(':', begin) != std::string::npos)
        result.account_id = arn.substr(begin, arn.find(':', begin) - begin);
    return result;
}

service_failure read_xml_failure(std::string_view body) {
    service_failure result;
    if (auto const xml = xml_texts::parse(body)) {
        std::string const root(xml->root());
        result.code = xml->text(root + "/Error/Code");
        result.message = xml->text(root + "/Error/Message");
    }
    return result;
}

service_failure read_json_failure(transport_response const& response) {
    service_failure result;
    // Some answers have "Code:http://…".
    result.code = response.error_type.substr(0, response.error_type.find(':'));
    auto const json = json_value::parse(response.body);
    if (!json || !json->is_object()) return result;
    for (char const* name : {"__type", "code", "error"})
        if (result.code.empty()) result.code = json->string(name);
    result.code.erase(0, result.code.find('#') + 1);
    for (char const* name : {"message", "Message", "error_description"})
        if (result.message.empty()) result.message = json->string(name);
    return result;
}

} // namespace dynasio::aws::detail
