#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "aws/answers.hpp"
#include "aws/dpop.hpp"
#include "aws/json_value.hpp"
#include "aws/profile_plan.hpp"
#include "aws/settings.hpp"
#include "aws/xml_texts.hpp"
#include "fake_environment.hpp"
#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace dynasio::aws::detail;
using namespace dynasio::tests;

template <class Function> error error_of(Function&& function) {
    try {
        function();
    } catch (error const& e) {
        return e;
    }
    ADD_FAILURE() << "no error";
    return error(error_code(), diagnostics());
}

// --- JSON
// --------------------------------------------------------------------------------------------------------------

TEST(json_value, reads_members_of_every_kind) {
    auto const json =
        json_value::parse(R"( {"a":"x\n\u00e9\ud83d\ude00","b":-12,"c":{"d":"y"},"e":[1,true,null],"f":1.5} )");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->string("a"), "x\n\xc3\xa9\xf0\x9f\x98\x80");
    EXPECT_EQ(json->integer("b"), -12);
    EXPECT_EQ(json->integer("f"), std::nullopt);
    EXPECT_EQ(json->integer("a"), std::nullopt);
    EXPECT_EQ(json->find("c")->string("d"), "y");
    EXPECT_EQ(json->string("b"), "");
    EXPECT_EQ(json->find("z"), nullptr);
}

TEST(json_value, agrees_with_boost_json_about_what_is_json) {
    for (std::string_view text : {"",
                                  " ",
                                  "{",
                                  "}",
                                  "{}",
                                  "[]",
                                  "[1,]",
                                  "{\"a\":1,}",
                                  "{\"a\"}",
                                  "{a:1}",
                                  "01",
                                  "1.",
                                  ".5",
                                  "1e",
                                  "1e5",
                                  "-",
                                  "-0",
                                  "tru",
                                  "true",
                                  "nul",
                                  "\"a",
                                  "\"a\"",
                                  "\"\\x\"",
                                  "\"\\u12\"",
                                  "\"\\ud800\"",
                                  "\"\\udc00\"",
                                  "\"\t\"",
                                  "1 2",
                                  "{} x",
                                  "[[1],[2]]",
                                  "{\"a\":{\"b\":[]}}",
                                  "\"\\ud83d\\ude00\"",
                                  "+1",
                                  "0x1",
                                  "[",
                                  "[1"}) {
        boost::system::error_code ec;
        boost::json::parse(text, ec);
        EXPECT_EQ(json_value::parse(text).has_value(), !ec) << text;
    }
}

TEST(json_value, refuses_members_that_come_twice_and_deep_nesting) {
    EXPECT_FALSE(json_value::parse(R"({"a":1,"a":2})"));
    std::string many = "{";
    for (int i = 0; i < 100'000; ++i) many += "\"" + std::to_string(i) + "\":0,";
    EXPECT_FALSE(json_value::parse(many + R"("99999":1})"));
    EXPECT_TRUE(json_value::parse(many + R"("100000":1})"));
    for (char const* bytes : {"\x80", "\xc3", "\xc1\x81", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
        EXPECT_FALSE(json_value::parse("{\"" + std::string(bytes) + "\":5}")) << "no UTF-8";
    for (char const* bytes : {"\xc3\xa9", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
        EXPECT_TRUE(json_value::parse("[\"" + std::string(bytes) + "\"]"));
    EXPECT_TRUE(json_value::parse(std::string(30, '[') + std::string(30, ']')));
    EXPECT_FALSE(json_value::parse(std::string(40, '[') + std::string(40, ']')));
    EXPECT_FALSE(json_value::parse(std::string(100'000, '[')));
}

TEST(json_value, writes_what_it_read) {
    std::string const text = R"({"a":"q\"\\\n\u0001","b":[1,true,false,null,{"c":-1.5e3}],"d":{}})";
    auto const json = json_value::parse(text);
    ASSERT_TRUE(json);
    EXPECT_EQ(json->to_text(), text);
}

TEST(json_value, replaces_and_adds_members) {
    auto json = json_value::parse(R"({"a":"old","b":{"c":1}})");
    ASSERT_TRUE(json);
    json->set("a", json_value::of_string("new"));
    json->set("z", json_value::of_number(5));
    json->find("b")->set("c", json_value::of_object());
    EXPECT_EQ(json->to_text(), R"({"a":"new","b":{"c":{}},"z":5})");
}

// --- XML
// ---------------------------------------------------------------------------------------------------------------

TEST(xml_texts, gives_texts_by_path) {
    auto const xml =
        xml_texts::parse("<?xml version=\"1.0\"?>\n<!-- c --><A x='1' y=\"2\"><B> text &amp; &lt;&#65;&#x42; "
                         "</B><B>second</B><C/><D><![CDATA[<raw>]]><!-- c -->!</D></A>\n");
    ASSERT_TRUE(xml);
    EXPECT_EQ(xml->root(), "A");
    EXPECT_EQ(xml->text("A/B"), "text & <AB");
    EXPECT_EQ(xml->text("A/C"), "");
    EXPECT_EQ(xml->text("A/D"), "<raw>!");
    EXPECT_EQ(xml->text("A/Z"), "");
}

TEST(xml_texts, refuses_what_is_not_well_formed_or_could_expand) {
    for (std::string_view text : {"",
                                  "text",
                                  "<A>",
                                  "<A></B>",
                                  "<A/><B/>",
                                  "<A><B></A></B>",
                                  "<A x></A>",
                                  "<A x=1></A>",
                                  "<A x='<'/>",
                                  "<A>&unknown;</A>",
                                  "<A>&#0;</A>",
                                  "<A>&#x;</A>",
                                  "<A>& </A>",
                                  "<!DOCTYPE A [<!ENTITY e \"x\">]><A>&e;</A>",
                                  "<A><?pi x?></A>",
                                  "<A><!-- c</A>",
                                  "<A><![CDATA[x</A>",
                                  "<A",
                                  "<A/",
                                  "< A/>",
                                  "<A/>x",
                                  "</A>"})
        EXPECT_FALSE(xml_texts::parse(text)) << text;
    std::string deep;
    for (int i = 0; i < 20; ++i) deep += "<A>";
    for (int i = 0; i < 20; ++i) deep += "</A>";
    EXPECT_FALSE(xml_texts::parse(deep));
    std::string wide = "<A>";
    for (int i = 0; i < 300; ++i) wide += "<B/>";
    EXPECT_FALSE(xml_texts::parse(wide + "</A>"));
}

// --- answers
// -----------------------------------------------------------------------------------------------------------

TEST(provider_answers, read_times_of_both_forms) {
    EXPECT_EQ(parse_time("1970-01-01T00:00:01Z"), system_time(std::chrono::seconds(1)));
    EXPECT_EQ(parse_time("1970-01-01T00:00:01UTC"), system_time(std::chrono::seconds(1)));
    EXPECT_EQ(parse_time("1970-01-01T01:00:01+01:00"), system_time(std::chrono::seconds(1)));
    EXPECT_EQ(parse_time("UTC"), std::nullopt);
    EXPECT_EQ(parse_time(""), std::nullopt);
}

TEST(provider_answers, refuse_what_is_incomplete_without_quoting_it) {
    for (std::string_view text :
         {"", "[]", "hidden", R"({"Version":2,"AccessKeyId":"a","SecretAccessKey":"hidden"})",
          R"({"AccessKeyId":"a","SecretAccessKey":"hidden"})", R"({"Version":1,"SecretAccessKey":"hidden"})",
          R"({"Version":1,"AccessKeyId":"hidden"})", R"({"Version":1,"AccessKeyId":"a b","SecretAccessKey":"hidden"})",
          R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"hidden","SessionToken":"x\r\ny: hidden"})",
          R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"hidden","Expiration":"soon"})",
          R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"hidden","Expiration":5})"}) {
        error const e = error_of([&] { (void)read_process_output(text, {}); });
        EXPECT_EQ(e.code(), errc::no_credentials) << text;
        EXPECT_EQ(std::string_view(e.what()).find("hidden"), std::string_view::npos) << e.what();
    }
    credentials const long_term = read_process_output(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"s"})", "12");
    EXPECT_EQ(long_term.expires_at, std::nullopt);
    EXPECT_EQ(long_term.account_id, "12");
}

TEST(provider_answers, tell_the_code_of_a_metadata_error) {
    error const e =
        error_of([] { (void)read_metadata_credentials(R"({"Code":"AssumeRoleUnauthorizedAccess"})", "IMDS"); });
    EXPECT_EQ(e.info().service_code, "AssumeRoleUnauthorizedAccess");
    EXPECT_EQ(e.code(), errc::no_credentials);
}

TEST(provider_answers, need_every_part_of_what_sts_gives) {
    std::string const whole = "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::123456789012:"
                              "assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>a</AccessKeyId>"
                              "<SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>"
                              "2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    EXPECT_EQ(read_sts_credentials(whole, "AssumeRole").account_id, "123456789012");
    EXPECT_THROW((void)read_sts_credentials(whole, "AssumeRoleWithWebIdentity"), error);
    for (std::string_view part : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
        std::string text = whole;
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at))
            text.replace(at, 1, "X");
        EXPECT_THROW((void)read_sts_credentials(text, "AssumeRole"), error) << part;
    }
    std::string no_account = whole;
    no_account.replace(no_account.find("arn:aws"), 7, "arn-aws");
    EXPECT_EQ(read_sts_credentials(no_account, "AssumeRole").account_id.find("123456789012"), std::string::npos);
}

TEST(provider_answers, find_the_code_of_a_json_error_wherever_it_is) {
    transport_response response;
    response.body = R"({"__type":"com.amazon#UnauthorizedException","message":"Session token not found"})";
    EXPECT_EQ(read_json_failure(response).code, "UnauthorizedException");
    EXPECT_EQ(read_json_failure(response).message, "Session token not found");
    response.error_type = "TooManyRequestsException:http://x";
    EXPECT_EQ(read_json_failure(response).code, "TooManyRequestsException");
    response.error_type.clear();
    response.body = R"({"error":"invalid_grant","error_description":"expired"})";
    EXPECT_EQ(read_json_failure(response).code, "invalid_grant");
    EXPECT_EQ(read_json_failure(response).message, "expired");
    response.body = "<html>";
    EXPECT_EQ(read_json_failure(response).code, "");
}

// --- settings
// ----------------------------------------------------------------------------------------------------------

TEST(provider_endpoints, follow_partition_fips_and_dual_stack) {
    using enum provider_service;
    EXPECT_EQ(regional_endpoint(sts, "eu-west-1", false, false), "https://sts.eu-west-1.amazonaws.com");
    EXPECT_EQ(regional_endpoint(sts, "eu-west-1", true, false), "https://sts-fips.eu-west-1.amazonaws.com");
    EXPECT_EQ(regional_endpoint(sts, "eu-west-1", false, true), "https://sts.eu-west-1.api.aws");
    EXPECT_EQ(regional_endpoint(sts, "cn-north-1", false, false), "https://sts.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(regional_endpoint(sts, "us-gov-west-1", true, false), "https://sts.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(regional_endpoint(sts, "us-isob-east-1", false, false), "https://sts.us-isob-east-1.sc2s.sgov.gov");
    EXPECT_EQ(regional_endpoint(sts, "eusc-de-east-1", false, false), "https://sts.eusc-de-east-1.amazonaws.eu");
    EXPECT_EQ(regional_endpoint(sso, "eu-west-1", false, false), "https://portal.sso.eu-west-1.amazonaws.com");
    EXPECT_EQ(regional_endpoint(sso_oidc, "eu-west-1", false, false), "https://oidc.eu-west-1.amazonaws.com");
    EXPECT_EQ(regional_endpoint(signin, "eu-west-1", false, false), "https://eu-west-1.signin.aws.amazon.com");
    EXPECT_EQ(regional_endpoint(signin, "cn-north-1", false, false), "https://cn-north-1.signin.amazonaws.cn");
}

TEST(provider_endpoints, come_from_the_most_particular_setting) {
    fake_environment fake;
    fake.variables["HOME"] = "/home";
    fake.files["/home/.aws/config"] = "[default]\nendpoint_url = http://profile\nservices = s\n"
                                      "[services s]\nsts =\n  other = 1\n  endpoint_url = http://section/\n"
                                      "[profile off]\nendpoint_url = http://profile\n"
                                      "ignore_configured_endpoint_urls = true\n";
    auto const of = [&](char const* profile, provider_service service = provider_service::sts) {
        loaded_files const files(fake.get());
        return service_endpoint(fake.get(), files, profile, service, "eu-west-1");
    };
    EXPECT_EQ(of("default"), "http://section");
    EXPECT_EQ(of("default", provider_service::sso), "http://profile");
    fake.variables["AWS_ENDPOINT_URL"] = "http://all";
    EXPECT_EQ(of("default"), "http://all");
    fake.variables["AWS_ENDPOINT_URL_STS"] = "http://sts";
    EXPECT_EQ(of("default"), "http://sts");
    EXPECT_EQ(of("off"), "https://sts.eu-west-1.amazonaws.com");
    fake.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "TRUE";
    EXPECT_EQ(of("default"), "https://sts.eu-west-1.amazonaws.com");
    fake.variables.erase("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    fake.variables["AWS_ENDPOINT_URL_STS"] = "sts:80";
    EXPECT_EQ(error_of([&] { (void)of("default"); }).code(), errc::invalid_configuration);
    EXPECT_NE(error_of([&] { (void)of("default"); }).info().message.find("AWS_ENDPOINT_URL_STS: "), std::string::npos);
    fake.variables.erase("AWS_ENDPOINT_URL_STS");
    for (char const* name :
         {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"}) {
        fake.variables.erase("AWS_ENDPOINT_URL");
        fake.variables[name] = "yes";
        EXPECT_EQ(error_of([&] { (void)of("none"); }).code(), errc::invalid_configuration) << name;
        fake.variables.erase(name);
    }
}

TEST(provider_regions, are_checked_before_they_become_host_names) {
    fake_environment fake;
    loaded_files const files(fake.get());
    auto const of = [&](std::string region) {
        return required_region(fake.get(), files, "default", std::move(region));
    };
    EXPECT_EQ(of("eu-west-1"), "eu-west-1");
    EXPECT_EQ(error_of([&] { (void)of(""); }).code(), errc::no_region);
    for (char const* region : {"evil.example", "a/b", "-a", "a-", "A", "a\r\nb", "a@b"})
        EXPECT_EQ(error_of([&] { (void)of(region); }).code(), errc::invalid_configuration) << region;
    fake.variables["AWS_DEFAULT_REGION"] = "second";
    EXPECT_EQ(of(""), "second");
    fake.variables["AWS_REGION"] = "first";
    EXPECT_EQ(of(""), "first");
    EXPECT_EQ(of("given"), "given");
}

// --- plans
// -------------------------------------------------------------------------------------------------------------

TEST(profile_plans, have_another_fingerprint_when_anything_changes) {
    // Each value in angle brackets is changed in turn.
    std::string_view const files[] = {
        "[default]\nrole_arn = <arn>\nrole_session_name = <name>\nexternal_id = <id>\nduration_seconds = <1000>\n"
        "source_profile = base\n[profile base]\naws_access_key_id = <key>\naws_secret_access_key = <hidden>\n"
        "aws_session_token = <hidden>\naws_account_id = <12>\n",
        "[default]\nrole_arn = outer\nsource_profile = b\n[profile b]\nrole_arn = <arn>\n"
        "credential_source = Environment\n",
        "[default]\nrole_arn = <arn>\nweb_identity_token_file = <file>\nrole_session_name = <name>\n"
        "duration_seconds = <1000>\n",
        "[default]\nsso_session = dev\nsso_account_id = <12>\nsso_role_name = <role>\n[sso-session dev]\n"
        "sso_region = <us-east-1>\nsso_start_url = <https://start>\n",
        "[default]\nlogin_session = <session>\n",
        "[default]\ncredential_process = <command>\naws_account_id = <12>\n",
    };
    auto const mark_of = [](std::string text) {
        text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '<' || c == '>'; }), text.end());
        fake_environment fake;
        fake.variables["HOME"] = "/home";
        fake.files["/home/.aws/config"] = text;
        loaded_files const loaded(fake.get());
        auto const plan = plan_profile(loaded.get(), "default", "the file");
        EXPECT_TRUE(plan) << text;
        return fingerprint(plan.value());
    };
    for (std::string_view const file : files) {
        auto const mark = mark_of(std::string(file));
        EXPECT_EQ(mark_of(std::string(file)), mark);
        for (auto at = file.find('>'); at != std::string_view::npos; at = file.find('>', at + 1)) {
            std::string text(file);
            text.insert(at, "1");
            EXPECT_NE(mark_of(text), mark) << text;
        }
    }
    auto const source_of = [](char const* source) {
        return "[default]\nrole_arn = arn\ncredential_source = " + std::string(source) + "\n";
    };
    EXPECT_NE(mark_of(source_of("Environment")), mark_of(source_of("EcsContainer")));
    // What no file sets.
    profile_plan plan;
    process_options options;
    plan.base = options;
    auto const mark = fingerprint(plan);
    options.timeout += std::chrono::seconds(1);
    plan.base = options;
    EXPECT_NE(fingerprint(plan), mark);
    // The parts' borders count.
    assume_role_options role;
    role.role_arn = "ab";
    role.role_session_name = "c";
    plan.roles.assign(1, role);
    auto const with_role = fingerprint(plan);
    role.role_arn = "a";
    role.role_session_name = "bc";
    plan.roles.assign(1, role);
    EXPECT_NE(fingerprint(plan), with_role);
}

// --- proofs and digests
// ------------------------------------------------------------------------------------------------

TEST(token_caches, are_named_by_digests) {
    EXPECT_EQ(hex_digest("SHA1", "dev"), "34c6fceca75e456f25e7e99531e2425c6c1de443");
    EXPECT_EQ(hex_digest("SHA256", "arn:aws:sts::012345678910:assumed-role/Admin/admin"),
              "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255");
}

std::string decode_base64_url(std::string_view text) {
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (char const c : text) {
        auto const at = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_").find(c);
        if (at == std::string_view::npos) throw std::runtime_error("no base64url");
        bits = ((bits << 6) | static_cast<unsigned>(at)) & 0xffff;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>((bits >> count) & 0xff);
    }
    return out;
}

std::string private_key() {
    auto const cases = read_json("aws-shared/smithy-rs/aws-config/login-provider-test-cases.json");
    return tests::to_string(cases.as_array().at(0).at("cacheContents").as_object().begin()->value().at("dpopKey"));
}

TEST(dpop_proof, verifies_with_the_public_half_of_the_key) {
    std::string const pem = private_key();
    std::string const proof =
        dpop_proof(pem, "https://x/v1/token", "an-id", system_time(std::chrono::seconds(1'700'000'000)));
    auto const first = proof.find('.');
    auto const second = proof.find('.', first + 1);
    auto const header = boost::json::parse(decode_base64_url(proof.substr(0, first)));
    EXPECT_EQ(header.at("typ"), "dpop+jwt");
    EXPECT_EQ(header.at("alg"), "ES256");
    EXPECT_EQ(header.at("jwk").at("kty"), "EC");
    EXPECT_EQ(header.at("jwk").at("crv"), "P-256");
    EXPECT_FALSE(header.at("jwk").as_object().contains("d")) << "the private half";
    auto const payload = boost::json::parse(decode_base64_url(proof.substr(first + 1, second - first - 1)));
    EXPECT_EQ(payload,
              boost::json::parse(R"({"jti":"an-id","htm":"POST","htu":"https://x/v1/token","iat":1700000000})"));

    std::string const signature = decode_base64_url(proof.substr(second + 1));
    ASSERT_EQ(signature.size(), 64U);
    auto const number = [&](std::size_t at) {
        return BN_bin2bn(reinterpret_cast<unsigned char const*>(signature.data()) + at, 32, nullptr);
    };
    ECDSA_SIG* const parts = ECDSA_SIG_new();
    ASSERT_EQ(ECDSA_SIG_set0(parts, number(0), number(32)), 1);
    unsigned char* der = nullptr;
    int const size = i2d_ECDSA_SIG(parts, &der);
    BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EXPECT_EQ(EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key), 1);
    EXPECT_EQ(EVP_DigestVerify(context, der, static_cast<std::size_t>(size),
                               reinterpret_cast<unsigned char const*>(proof.data()), second),
              1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(bio);
    OPENSSL_free(der);
    ECDSA_SIG_free(parts);
}

TEST(dpop_proof, refuses_other_keys_without_quoting_them) {
    for (std::string const pem :
         {"", "hidden", "-----BEGIN EC PRIVATE KEY-----\nhidden\n-----END EC PRIVATE KEY-----\n"}) {
        error const e = error_of([&] { (void)dpop_proof(pem, "https://x", "id", system_time()); });
        EXPECT_EQ(e.code(), errc::no_credentials);
        EXPECT_EQ(std::string_view(e.what()).find("hidden"), std::string_view::npos);
    }
}

TEST(random_uuid, has_its_form_and_differs) {
    std::string const uuid = random_uuid();
    ASSERT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
    EXPECT_NE(uuid, random_uuid());
}

// --- files
// -------------------------------------------------------------------------------------------------------------

TEST(process_environment, replaces_files_in_one_step_for_the_owner_only) {
    std::string folder = (std::filesystem::temp_directory_path() / "dynasio-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    auto const env = environment::process();
    std::string const path = folder + "/token.json";
    ASSERT_TRUE(env.write_file(path, "first"));
    ::chmod(path.c_str(), 0644);
    ASSERT_TRUE(env.write_file(path, std::string(100'000, 'x')));
    EXPECT_EQ(env.read_file(path), std::string(100'000, 'x'));
    struct ::stat facts{};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    EXPECT_FALSE(env.write_file(folder + "/missing/token.json", "x"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()), 1)
        << "no temporary file stays";
    std::filesystem::remove_all(folder);
}

} // namespace
