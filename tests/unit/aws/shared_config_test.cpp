#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>

#include "fake_environment.hpp"
#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace dynasio::tests;

shared_config parse(std::string_view config, std::string_view credentials = {}) {
    shared_file config_file;
    config_file.text = config;
    config_file.name = "/home/.aws/config";
    shared_file credentials_file;
    credentials_file.text = credentials;
    credentials_file.name = "/home/.aws/credentials";
    return parse_shared_config(config_file, credentials_file);
}

template <class Sections> boost::json::object as_json(Sections const& sections) {
    boost::json::object result;
    for (auto const& [name, properties] : sections) {
        boost::json::object values;
        for (auto const& [key, value] : properties) values[key] = value;
        result[name] = std::move(values);
    }
    return result;
}

std::string error_text(std::string_view config, std::string_view credentials = {}) {
    try {
        (void)parse(config, credentials);
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_configuration);
        return e.info().message;
    }
    ADD_FAILURE() << "no error for " << config;
    return {};
}

boost::json::array const& parser_cases() {
    static auto const all = read_json("aws-shared/smithy-rs/profile-parser-tests.json");
    return all.at("tests").as_array();
}

class shared_config_suite : public testing::TestWithParam<std::size_t> {};

TEST_P(shared_config_suite, reads_what_the_suite_says) {
    auto const& c = parser_cases().at(GetParam());
    auto const& input = c.at("input").as_object();
    std::string const config = input.contains("configFile") ? tests::to_string(input.at("configFile")) : "";
    std::string const credentials =
        input.contains("credentialsFile") ? tests::to_string(input.at("credentialsFile")) : "";
    auto const& output = c.at("output").as_object();
    if (auto const* text = output.if_contains("errorContaining")) {
        std::string const message = error_text(config, credentials);
        EXPECT_NE(message.find(tests::to_string(*text)), std::string::npos) << message;
        return;
    }
    shared_config const got = parse(config, credentials);
    auto const& expected = output.at("config").as_object();
    EXPECT_EQ(as_json(got.profiles), expected.at("profiles").as_object());
    auto const* const sessions = expected.if_contains("sso_sessions");
    EXPECT_EQ(as_json(got.sso_sessions), sessions == nullptr ? boost::json::object() : sessions->as_object());
}

std::string case_name(testing::TestParamInfo<std::size_t> const& info) {
    // Two pairs of cases have the same name.
    return std::to_string(info.param) + "_" + test_name(tests::to_string(parser_cases().at(info.param).at("name")));
}

INSTANTIATE_TEST_SUITE_P(parser, shared_config_suite, testing::Range<std::size_t>(0, 65), case_name);

TEST(shared_config_vectors, are_all_run) { EXPECT_EQ(parser_cases().size(), 65u); }

boost::json::array const& location_cases() {
    static auto const all = read_json("aws-shared/smithy-rs/file-location-tests.json");
    return all.at("tests").as_array();
}

class shared_file_location : public testing::TestWithParam<std::size_t> {};

TEST_P(shared_file_location, is_where_the_suite_says) {
    auto const& c = location_cases().at(GetParam());
    if (c.at("platform").as_string() == "windows")
        GTEST_SKIP() << "for Windows, where this library does not run yet: " << c.at("name").as_string();
    fake_environment fake;
    for (auto const& [name, value] : c.at("environment").as_object())
        fake.variables[std::string(name)] = tests::to_string(value);
    auto const env = fake.get();
    shared_file_paths const paths = locate_shared_files(env);
    EXPECT_EQ(paths.config, tests::to_string(c.at("configLocation")));
    EXPECT_EQ(paths.credentials, tests::to_string(c.at("credentialsLocation")));
    if (auto const* profile = c.as_object().if_contains("profile")) {
        EXPECT_EQ(select_profile(env), tests::to_string(*profile));
    }
    (void)load_shared_config(env);
    std::vector<std::string> const expected{paths.config, paths.credentials};
    EXPECT_EQ(fake.files_read, expected);
}

INSTANTIATE_TEST_SUITE_P(suite, shared_file_location, testing::Range<std::size_t>(0, 9));

TEST(shared_file_location_vectors, are_all_run_or_skipped) { EXPECT_EQ(location_cases().size(), 9u); }

TEST(shared_files, are_nowhere_without_home_and_nothing_is_read) {
    fake_environment fake;
    fake.variables["HOME"] = "  ";
    shared_file_paths const paths = locate_shared_files(fake.get());
    EXPECT_EQ(paths.config, "");
    EXPECT_EQ(paths.credentials, "");
    EXPECT_TRUE(load_shared_config(fake.get()).profiles.empty());
    EXPECT_TRUE(fake.files_read.empty());
}

TEST(shared_files, have_the_home_folder_for_a_tilde) {
    fake_environment fake;
    fake.variables["HOME"] = "/root/";
    fake.variables["AWS_CONFIG_FILE"] = "~/other/config";
    fake.variables["AWS_SHARED_CREDENTIALS_FILE"] = "~other/credentials";
    shared_file_paths const paths = locate_shared_files(fake.get());
    EXPECT_EQ(paths.config, "/root/other/config");
    EXPECT_EQ(paths.credentials, "~other/credentials");
}

TEST(shared_files, that_cannot_be_opened_count_as_empty) {
    fake_environment fake;
    fake.variables["HOME"] = "/home";
    fake.files["/home/.aws/credentials"] = "[default]\nregion = x";
    EXPECT_EQ(load_shared_config(fake.get()).profiles.at("default").at("region"), "x");
}

TEST(select_profile, prefers_the_argument_then_the_variable) {
    fake_environment fake;
    EXPECT_EQ(select_profile(fake.get()), "default");
    fake.variables["AWS_PROFILE"] = "other";
    EXPECT_EQ(select_profile(fake.get()), "other");
    EXPECT_EQ(select_profile(fake.get(), "mine"), "mine");
    fake.variables["AWS_PROFILE"] = " \t";
    EXPECT_EQ(select_profile(fake.get()), "default");
}

TEST(shared_config_errors, name_file_and_line) {
    EXPECT_EQ(error_text("[default]\n\n# comment\nregion x").substr(0, 29), "line 4 of /home/.aws/config: ");
    EXPECT_EQ(error_text("", "[default").substr(0, 34), "line 1 of /home/.aws/credentials: ");
}

TEST(shared_config_errors, never_quote_the_line) {
    EXPECT_EQ(error_text("", "[default]\naws_secret_access_key wJalrXUtnFEMI").find("wJalr"), std::string::npos);
    EXPECT_EQ(error_text("", "wJalrXUtnFEMI").find("wJalr"), std::string::npos);
}

TEST(shared_config_parser, reads_services_sections) {
    auto const config = parse("[services local]\ndynamodb =\n  endpoint_url = http://localhost:8000\n");
    EXPECT_EQ(config.services.at("local").at("dynamodb"), "\nendpoint_url = http://localhost:8000");
}

TEST(shared_config_parser, ignores_indented_comments_among_sub_properties) {
    auto const config = parse("[profile a]\ns3 =\n  # not a property\n  x = 1\n");
    EXPECT_EQ(config.profiles.at("a").at("s3"), "\nx = 1");
}

TEST(shared_config_parser, skips_a_byte_order_mark) {
    EXPECT_EQ(parse("\xef\xbb\xbf[default]\nregion=x").profiles.at("default").at("region"), "x");
}

TEST(shared_config_parser, takes_any_bytes_without_crashing) {
    // Every pair of the characters that mean something, inside and outside of a section.
    std::string const alphabet("[]#;= \t\r\n~a\0\xff", 13);
    for (char const a : alphabet)
        for (char const b : alphabet)
            for (char const c : alphabet)
                for (char const* before : {"", "[default]\n", "[default]\nx =\n"}) {
                    std::string const text = before + std::string{a, b, c};
                    try {
                        (void)parse(text, text);
                    } catch (error const& e) {
                        EXPECT_EQ(e.code(), errc::invalid_configuration);
                    }
                }
}

} // namespace
