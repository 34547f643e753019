#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/providers.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <new>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "fake_environment.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace dynasio::tests;

constexpr char const* config_path = "/home/.aws/config";
constexpr char const* credentials_path = "/home/.aws/credentials";

template <class Function> std::string no_credentials_text(Function&& function) {
    try {
        function();
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::no_credentials);
        return e.info().message;
    }
    ADD_FAILURE() << "no error";
    return {};
}

bool contains(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

credentials ask(credentials_provider const& provider) {
    boost::asio::io_context context;
    std::optional<credentials> got;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, provider(), [&](std::exception_ptr e, credentials value) {
        thrown = e;
        got = std::move(value);
    });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(got).value();
}

class credentials_sources : public testing::Test {
protected:
    credentials_sources() { fake_.variables["HOME"] = "/home"; }

    void set_environment_keys() {
        fake_.variables["AWS_ACCESS_KEY_ID"] = "env_id";
        fake_.variables["AWS_SECRET_ACCESS_KEY"] = "env_secret";
    }

    /// The chain, on a machine where nothing answers.
    credentials resolve(std::string profile = {}) {
        provider_context context;
        context.env = fake_.get();
        context.profile = std::move(profile);
        context.transport = [](transport_request) { return refuse(); };
        return ask(chain_credentials(std::move(context)));
    }
    static boost::asio::awaitable<transport_response> refuse() {
        throw_error(transport_errc::connect_failed, "nothing there");
        co_return transport_response();
    }

    fake_environment fake_{};
};

TEST_F(credentials_sources, read_all_three_variables) {
    set_environment_keys();
    fake_.variables["AWS_SESSION_TOKEN"] = "env_token";
    auto const found = credentials_from_environment(fake_.get());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id(), "env_id");
    EXPECT_EQ(found->secret_access_key(), "env_secret");
    EXPECT_EQ(found->session_token(), "env_token");
    EXPECT_EQ(found->expires_at, std::nullopt);
}

TEST_F(credentials_sources, carry_the_account_id) {
    set_environment_keys();
    fake_.variables["AWS_ACCOUNT_ID"] = "123456789012";
    auto found = credentials_from_environment(fake_.get());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->account_id, "123456789012");
    credentials moved(std::move(*found));
    EXPECT_EQ(moved.account_id, "123456789012");
    EXPECT_EQ(found->account_id, "");
    credentials assigned;
    assigned = moved;
    EXPECT_EQ(assigned.account_id, "123456789012");
    fake_.files[config_path] =
        "[default]\naws_access_key_id = id\naws_secret_access_key = secret\naws_account_id = 210987654321\n";
    EXPECT_EQ(credentials_from_profile(fake_.get())->account_id, "210987654321");
}

TEST_F(credentials_sources, need_no_token) {
    set_environment_keys();
    EXPECT_EQ(credentials_from_environment(fake_.get()).value().session_token(), "");
}

TEST_F(credentials_sources, count_blank_variables_as_absent) {
    fake_.variables["AWS_ACCESS_KEY_ID"] = " ";
    fake_.variables["AWS_SECRET_ACCESS_KEY"] = "";
    EXPECT_FALSE(credentials_from_environment(fake_.get()));
    fake_.variables["AWS_SESSION_TOKEN"] = "token alone";
    EXPECT_FALSE(credentials_from_environment(fake_.get()));
}

TEST_F(credentials_sources, refuse_one_variable_of_the_two) {
    fake_.variables["AWS_ACCESS_KEY_ID"] = "env_id";
    EXPECT_TRUE(contains(no_credentials_text([&] { (void)credentials_from_environment(fake_.get()); }),
                         "AWS_SECRET_ACCESS_KEY is not"));
    fake_.variables["AWS_ACCESS_KEY_ID"] = "\t";
    fake_.variables["AWS_SECRET_ACCESS_KEY"] = "env_secret";
    std::string const text = no_credentials_text([&] { (void)credentials_from_environment(fake_.get()); });
    EXPECT_TRUE(contains(text, "AWS_ACCESS_KEY_ID is not"));
    EXPECT_FALSE(contains(text, "env_secret"));
}

TEST_F(credentials_sources, read_the_default_profile) {
    fake_.files[credentials_path] = "[default]\nAWS_ACCESS_KEY_ID = id\naws_secret_access_key = secret\n"
                                    "aws_session_token = token\n";
    auto const found = credentials_from_profile(fake_.get());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id(), "id");
    EXPECT_EQ(found->secret_access_key(), "secret");
    EXPECT_EQ(found->session_token(), "token");
}

TEST_F(credentials_sources, merge_both_files_and_prefer_the_credentials_file) {
    fake_.files[config_path] = "[default]\naws_access_key_id = config_id\naws_secret_access_key = config_secret\n";
    fake_.files[credentials_path] = "[default]\naws_access_key_id = id\naws_secret_access_key = secret\n";
    EXPECT_EQ(credentials_from_profile(fake_.get()).value().access_key_id(), "id");
}

TEST_F(credentials_sources, take_the_profile_named_by_argument_or_variable) {
    fake_.files[config_path] = "[default]\naws_access_key_id = wrong\naws_secret_access_key = wrong\n"
                               "[profile some-thing:long/the_one%only.foo@bar+]\naws_access_key_id = one\n"
                               "aws_secret_access_key = s\n[profile b]\naws_access_key_id = two\n"
                               "aws_secret_access_key = s\n";
    fake_.variables["AWS_PROFILE"] = "some-thing:long/the_one%only.foo@bar+";
    EXPECT_EQ(credentials_from_profile(fake_.get()).value().access_key_id(), "one");
    EXPECT_EQ(credentials_from_profile(fake_.get(), "b").value().access_key_id(), "two");
}

TEST_F(credentials_sources, find_nothing_without_files_or_keys) {
    EXPECT_FALSE(credentials_from_profile(fake_.get()));
    fake_.files[config_path] = "[default]\nregion = eu-west-1\naws_access_key_id =\n";
    EXPECT_FALSE(credentials_from_profile(fake_.get()));
    EXPECT_FALSE(credentials_from_profile(fake_.get(), "default"));
}

TEST_F(credentials_sources, name_profile_and_files_when_a_named_profile_is_missing) {
    fake_.files[config_path] = "[default]\n";
    for (bool const by_variable : {false, true}) {
        if (by_variable) fake_.variables["AWS_PROFILE"] = "gone";
        std::string const text = no_credentials_text(
            [&] { (void)credentials_from_profile(fake_.get(), by_variable ? std::string() : "gone"); });
        EXPECT_TRUE(contains(text, "\"gone\"")) << text;
        EXPECT_TRUE(contains(text, config_path)) << text;
        EXPECT_TRUE(contains(text, credentials_path)) << text;
    }
}

TEST_F(credentials_sources, refuse_half_a_key_pair_in_a_profile) {
    fake_.files[credentials_path] = "[default]\naws_access_key_id = id\n";
    EXPECT_TRUE(contains(no_credentials_text([&] { (void)credentials_from_profile(fake_.get()); }),
                         "no aws_secret_access_key"));
    fake_.files[credentials_path] = "[default]\naws_secret_access_key = hidden\n";
    std::string const text = no_credentials_text([&] { (void)credentials_from_profile(fake_.get()); });
    EXPECT_TRUE(contains(text, "no aws_access_key_id"));
    EXPECT_FALSE(contains(text, "hidden"));
}

TEST_F(credentials_sources, refuse_profiles_whose_credentials_need_requests_or_commands) {
    for (char const* properties :
         {"role_arn = arn:aws:iam::1:role/r\nsource_profile = default\naws_access_key_id = a\naws_secret_access_key = "
          "b",
          "role_arn = arn:aws:iam::1:role/r\nweb_identity_token_file = /t",
          "sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r",
          "credential_process = true", "login_session = arn"}) {
        fake_.files[config_path] = "[default]\n" + std::string(properties) + "\n";
        std::string const text = no_credentials_text([&] { (void)credentials_from_profile(fake_.get()); });
        EXPECT_TRUE(contains(text, "profile_credentials()")) << text;
        EXPECT_TRUE(contains(text, "\"default\"")) << text;
        EXPECT_TRUE(contains(text, config_path)) << text;
    }
}

TEST_F(credentials_sources, never_use_the_keys_of_a_profile_that_assumes_a_role) {
    fake_.files[config_path] = "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n"
                               "aws_access_key_id = id\naws_secret_access_key = secret\n";
    EXPECT_TRUE(contains(no_credentials_text([&] { (void)credentials_from_profile(fake_.get()); }), "a role"));
}

TEST_F(credentials_sources, use_the_keys_of_a_profile_that_could_also_log_in) {
    fake_.files[config_path] = "[default]\nsso_session = s\naws_access_key_id = id\naws_secret_access_key = secret\n";
    EXPECT_EQ(credentials_from_profile(fake_.get()).value().access_key_id(), "id");
}

TEST_F(credentials_sources, report_files_that_cannot_be_understood) {
    fake_.files[credentials_path] = "[default\n";
    try {
        (void)credentials_from_profile(fake_.get());
        FAIL();
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_configuration);
    }
}

TEST_F(credentials_sources, prefer_the_environment_to_the_profile) {
    set_environment_keys();
    fake_.files[config_path] = "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n";
    fake_.files[credentials_path] = "[base]\naws_access_key_id = AKIAFAKE\naws_secret_access_key = FAKE\n";
    EXPECT_EQ(resolve().access_key_id(), "env_id");
    EXPECT_TRUE(fake_.files_read.empty()) << "no file is read when the environment suffices";
    fake_.variables["AWS_PROFILE"] = "base";
    EXPECT_EQ(resolve().access_key_id(), "env_id");
}

TEST_F(credentials_sources, ignore_the_environment_when_a_profile_is_given) {
    set_environment_keys();
    fake_.files[credentials_path] = "[base]\naws_access_key_id = base_id\naws_secret_access_key = s\n";
    EXPECT_EQ(resolve("base").access_key_id(), "base_id");
    fake_.files[credentials_path] = "[base]\n";
    std::string const text = no_credentials_text([&] { (void)resolve("base"); });
    EXPECT_TRUE(contains(text, "\"base\"")) << text;
    EXPECT_FALSE(contains(text, "AWS_ACCESS_KEY_ID")) << text;
}

TEST_F(credentials_sources, fall_back_to_the_profile_when_variables_are_blank) {
    fake_.variables["AWS_ACCESS_KEY_ID"] = " ";
    fake_.variables["AWS_SECRET_ACCESS_KEY"] = " ";
    fake_.variables["AWS_PROFILE"] = "some_profile";
    fake_.files[config_path] = "[default]\naws_access_key_id = incorrect_key\naws_secret_access_key = x\n"
                               "[profile some_profile]\naws_access_key_id = correct_key\naws_secret_access_key = x\n";
    EXPECT_EQ(resolve().access_key_id(), "correct_key");
}

TEST_F(credentials_sources, are_all_named_when_none_has_keys) {
    std::string const text = no_credentials_text([&] { (void)resolve(); });
    EXPECT_TRUE(contains(text, "AWS_ACCESS_KEY_ID")) << text;
    EXPECT_TRUE(contains(text, "AWS_SECRET_ACCESS_KEY")) << text;
    EXPECT_TRUE(contains(text, "\"default\"")) << text;
    EXPECT_TRUE(contains(text, config_path)) << text;
    EXPECT_TRUE(contains(text, credentials_path)) << text;
    EXPECT_TRUE(contains(text, "AWS_WEB_IDENTITY_TOKEN_FILE")) << text;
    EXPECT_TRUE(contains(text, "AWS_CONTAINER_CREDENTIALS_FULL_URI")) << text;
    EXPECT_TRUE(contains(text, "169.254.169.254")) << text;
    fake_.variables.clear();
    EXPECT_TRUE(contains(no_credentials_text([&] { (void)resolve(); }), "no HOME"));
}

TEST_F(credentials_sources, give_the_region_in_order) {
    EXPECT_EQ(resolve_region(fake_.get()), std::nullopt);
    fake_.files[config_path] = "[default]\nregion = from-default\n[profile b]\nregion = from-b\n[profile c]\nx = 1\n";
    EXPECT_EQ(resolve_region(fake_.get()), "from-default");
    EXPECT_EQ(resolve_region(fake_.get(), "b"), "from-b");
    EXPECT_EQ(resolve_region(fake_.get(), "c"), std::nullopt);
    EXPECT_EQ(resolve_region(fake_.get(), "gone"), std::nullopt);
    fake_.variables["AWS_PROFILE"] = "b";
    EXPECT_EQ(resolve_region(fake_.get()), "from-b");
    fake_.variables["AWS_DEFAULT_REGION"] = "from-second-variable";
    EXPECT_EQ(resolve_region(fake_.get()), "from-second-variable");
    fake_.variables["AWS_REGION"] = " ";
    EXPECT_EQ(resolve_region(fake_.get()), "from-second-variable");
    fake_.variables["AWS_REGION"] = "from-variable";
    EXPECT_EQ(resolve_region(fake_.get()), "from-variable");
    EXPECT_EQ(resolve_region(fake_.get(), "b"), "from-variable");
}

TEST(static_credentials, gives_the_same_each_time) {
    credentials value("id", "secret", "token");
    value.expires_at = system_time(std::chrono::milliseconds(5));
    auto const provider = static_credentials(value);
    for (int i = 0; i < 2; ++i) {
        credentials const got = ask(provider);
        EXPECT_EQ(got.access_key_id(), "id");
        EXPECT_EQ(got.secret_access_key(), "secret");
        EXPECT_EQ(got.session_token(), "token");
        EXPECT_EQ(got.expires_at, value.expires_at);
    }
}

TEST(static_credentials, may_be_gone_when_the_answer_comes) {
    boost::asio::io_context context;
    std::optional<credentials> got;
    {
        auto const provider = static_credentials(credentials("id", std::string(100, 's')));
        boost::asio::co_spawn(context, provider(),
                              [&](std::exception_ptr, credentials value) { got = std::move(value); });
    }
    context.run();
    EXPECT_EQ(got.value().secret_access_key(), std::string(100, 's'));
}

/// Sets variables of the process and restores them.
class process_variables {
public:
    void set(char const* name, char const* value) {
        char const* const old = std::getenv(name);
        old_.emplace_back(name, old == nullptr ? std::optional<std::string>() : std::string(old));
        if (value == nullptr) {
            ::unsetenv(name);
        } else {
            ::setenv(name, value, 1);
        }
    }
    process_variables() = default;
    ~process_variables() {
        for (auto at = old_.rbegin(); at != old_.rend(); ++at) {
            if (at->second) {
                ::setenv(at->first.c_str(), at->second->c_str(), 1);
            } else {
                ::unsetenv(at->first.c_str());
            }
        }
    }
    process_variables(process_variables const&) = delete;
    process_variables& operator=(process_variables const&) = delete;

private:
    std::vector<std::pair<std::string, std::optional<std::string>>> old_{};
};

TEST(default_credentials, reads_the_environment_when_asked_and_not_before) {
    process_variables variables;
    variables.set("AWS_ACCESS_KEY_ID", nullptr);
    auto const provider = default_credentials();
    variables.set("AWS_ACCESS_KEY_ID", "first");
    variables.set("AWS_SECRET_ACCESS_KEY", "secret");
    EXPECT_EQ(ask(provider).access_key_id(), "first");
    variables.set("AWS_ACCESS_KEY_ID", "second");
    EXPECT_EQ(ask(provider).access_key_id(), "second");
}

TEST(default_credentials, passes_errors_on) {
    process_variables variables;
    variables.set("AWS_ACCESS_KEY_ID", "id");
    variables.set("AWS_SECRET_ACCESS_KEY", nullptr);
    auto const provider = default_credentials();
    EXPECT_TRUE(contains(no_credentials_text([&] { (void)ask(provider); }), "AWS_SECRET_ACCESS_KEY"));
}

TEST(process_environment, reads_variables_and_treats_blank_as_unset) {
    process_variables variables;
    auto const env = environment::process();
    variables.set("DYNASIO_TEST_VARIABLE", nullptr);
    EXPECT_EQ(env.variable("DYNASIO_TEST_VARIABLE"), std::nullopt);
    variables.set("DYNASIO_TEST_VARIABLE", " value ");
    EXPECT_EQ(env.variable("DYNASIO_TEST_VARIABLE"), " value ");
    variables.set("DYNASIO_TEST_VARIABLE", " \t\n");
    EXPECT_EQ(env.variable("DYNASIO_TEST_VARIABLE"), std::nullopt);
}

TEST(process_environment, reads_whole_files_and_nothing_else) {
    std::string folder = testing::TempDir() + "dynasio_environment_XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    std::string const path = folder + "/file";
    std::string const content = std::string(10'000, 'x') + std::string("\0\r\n", 3);
    std::ofstream(path, std::ios::binary) << content;
    auto const env = environment::process();
    EXPECT_EQ(env.read_file(path), content);
    EXPECT_EQ(env.read_file(path + ".missing"), std::nullopt);
    EXPECT_EQ(env.read_file(folder), std::nullopt);
    ::unlink(path.c_str());
    ::rmdir(folder.c_str());
}

/// Raw bytes that outlive the object made in them, to look at what it leaves behind.
class remains {
public:
    template <class... Args> credentials& make(Args&&... args) {
        return *::new (static_cast<void*>(bytes_)) credentials(std::forward<Args>(args)...);
    }
    [[nodiscard]] bool contain(std::string_view text) const {
        return std::string_view(reinterpret_cast<char const*>(bytes_), sizeof bytes_).find(text) !=
               std::string_view::npos;
    }

private:
    alignas(credentials) unsigned char bytes_[sizeof(credentials)] = {};
};

// Short enough to lie inside the string objects themselves.
constexpr std::string_view short_secret = "s3cr3t-key";
constexpr std::string_view short_token = "t0ken-text";

credentials short_credentials() { return credentials("id", std::string(short_secret), std::string(short_token)); }

TEST(credentials_wiping, happens_on_destruction) {
    remains memory;
    credentials& value = memory.make("id", std::string(short_secret), std::string(short_token));
    ASSERT_TRUE(memory.contain(short_secret)) << "or this test proves nothing";
    ASSERT_TRUE(memory.contain(short_token));
    value.~credentials();
    EXPECT_FALSE(memory.contain(short_secret));
    EXPECT_FALSE(memory.contain(short_token));
}

TEST(credentials_wiping, happens_to_what_is_moved_from) {
    remains memory;
    credentials& value = memory.make(short_credentials());
    credentials const taken = std::move(value);
    EXPECT_EQ(taken.secret_access_key(), short_secret);
    EXPECT_EQ(taken.session_token(), short_token);
    EXPECT_FALSE(memory.contain(short_secret));
    EXPECT_FALSE(memory.contain(short_token));
    EXPECT_EQ(value.access_key_id(), "");
    EXPECT_EQ(value.secret_access_key(), "");
    value.~credentials();
}

TEST(credentials_wiping, happens_to_what_is_move_assigned_from) {
    remains memory;
    credentials& value = memory.make(short_credentials());
    credentials target("other", "other", "other");
    target = std::move(value);
    EXPECT_EQ(target.secret_access_key(), short_secret);
    EXPECT_FALSE(memory.contain(short_secret));
    EXPECT_FALSE(memory.contain(short_token));
    value.~credentials();
}

TEST(credentials_wiping, happens_to_the_old_value_on_assignment) {
    remains memory;
    credentials& value = memory.make(short_credentials());
    credentials const shorter("id", "x");
    value = shorter;
    EXPECT_EQ(value.secret_access_key(), "x");
    EXPECT_EQ(shorter.secret_access_key(), "x");
    EXPECT_FALSE(memory.contain(short_secret.substr(2)));
    EXPECT_FALSE(memory.contain(short_token.substr(2)));
    value.~credentials();
}

TEST(credentials, copy_and_survive_assignment_to_themselves) {
    credentials value = short_credentials();
    value.expires_at = system_time(std::chrono::milliseconds(7));
    credentials const copy = value;
    credentials& same = value;
    value = same;
    value = std::move(same);
    for (credentials const* each : {&std::as_const(value), &copy}) {
        EXPECT_EQ(each->access_key_id(), "id");
        EXPECT_EQ(each->secret_access_key(), short_secret);
        EXPECT_EQ(each->session_token(), short_token);
        EXPECT_EQ(each->expires_at, system_time(std::chrono::milliseconds(7)));
    }
}

} // namespace
