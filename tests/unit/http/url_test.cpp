#include <dynasio/http/url.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using dynasio::http::url;

void expect_refused(std::string const& text) {
    try {
        (void)url::parse(text);
        ADD_FAILURE() << "accepted: " << text;
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), dynasio::errc::invalid_configuration) << text;
    }
}

TEST(url, takes_the_port_of_the_scheme_when_there_is_none) {
    auto const secure = url::parse("https://dynamodb.eu-west-1.amazonaws.com");
    EXPECT_TRUE(secure.tls);
    EXPECT_EQ(secure.host, "dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(secure.port, 443);
    EXPECT_EQ(secure.path, "/");
    EXPECT_EQ(secure.authority(), "dynamodb.eu-west-1.amazonaws.com");

    auto const plain = url::parse("http://localhost");
    EXPECT_FALSE(plain.tls);
    EXPECT_EQ(plain.port, 80);
    EXPECT_EQ(plain.authority(), "localhost");
}

TEST(url, names_the_port_in_the_authority_only_when_it_is_not_the_schemes_own) {
    EXPECT_EQ(url::parse("http://localhost:8000").authority(), "localhost:8000");
    EXPECT_EQ(url::parse("http://localhost:80").authority(), "localhost");
    EXPECT_EQ(url::parse("https://localhost:80").authority(), "localhost:80");
    EXPECT_EQ(url::parse("https://localhost:443").authority(), "localhost");
}

TEST(url, keeps_the_path_and_folds_the_case_of_scheme_and_host_only) {
    auto const parsed = url::parse("HTTP://LocalHost:8000/Some/Prefix/");
    EXPECT_FALSE(parsed.tls);
    EXPECT_EQ(parsed.host, "localhost");
    EXPECT_EQ(parsed.path, "/Some/Prefix/");
}

TEST(url, reads_ipv6_in_brackets) {
    auto const parsed = url::parse("http://[::1]:8000/x");
    EXPECT_EQ(parsed.host, "::1");
    EXPECT_EQ(parsed.port, 8000);
    EXPECT_EQ(parsed.path, "/x");
    EXPECT_EQ(parsed.authority(), "[::1]:8000");
    EXPECT_EQ(url::parse("https://[2001:DB8::1]").authority(), "[2001:db8::1]");
}

TEST(url, refuses_what_is_no_http_url) {
    for (auto const* text : {"", "localhost", "localhost:8000", "//localhost", "ftp://localhost", "http:/localhost",
                             "http//x", "https:localhost", "httpx://localhost"})
        expect_refused(text);
}

TEST(url, refuses_user_information_query_and_fragment) {
    for (auto const* text : {"http://user@host", "http://user:secret@host/", "http://host?x=1", "http://host/?x",
                             "http://host#f", "http://host/p#f", "http://host:80@evil"})
        expect_refused(text);
}

TEST(url, refuses_blanks_control_characters_and_other_bytes_that_a_url_cannot_have) {
    for (auto const* text :
         {" http://host", "http://host ", "http://ho st", "http://host/a b", "http://host/\r\nX: y", "http://host\t",
          "http://host/\x7f", "http://h\xc3\xb6st", "http://host/\\x", "http://host/<x>"})
        expect_refused(text);
    expect_refused(std::string("http://host\0.evil", 17));
}

TEST(url, refuses_malformed_hosts) {
    for (auto const* text : {"http://", "http:///x", "http://:80", "http://.", "http://a..b", "http://.a", "http://a.",
                             "http://a%41", "http://a,b", "http://[::1", "http://[]", "http://[localhost]",
                             "http://[::1]x", "http://::1", "http://[fe80::1%eth0]", "http://a[::1]"})
        expect_refused(text);
    expect_refused("http://" + std::string(64, 'a'));
    EXPECT_EQ(url::parse("http://" + std::string(63, 'a')).host.size(), 63U);
    std::string long_name = "http://";
    for (int i = 0; i < 127; ++i) long_name += "a.";
    expect_refused(long_name + "ab");
}

TEST(url, refuses_malformed_ports) {
    for (auto const* text :
         {"http://h:", "http://h:0", "http://h:65536", "http://h:99999999999999999999", "http://h:-1", "http://h:+1",
          "http://h:80a", "http://h:8 0", "http://h:80:80", "http://[::1]:", "http://[::1]:0"})
        expect_refused(text);
    EXPECT_EQ(url::parse("http://h:65535").port, 65535);
}

TEST(url, does_not_repeat_a_password_in_the_error) {
    try {
        (void)url::parse("http://user:secret@host");
        FAIL();
    } catch (dynasio::error const& e) {
        EXPECT_EQ(std::string(e.what()).find("secret"), std::string::npos) << e.what();
    }
}

} // namespace
