// Through the front that computes every signature a second time with AWS's own signer. scripts/test runs the other
// integration tests through it as well.
#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include "integration/database_test.hpp"

namespace dynasio::signature_tests {
namespace {

using namespace dynamodb;

struct signature : ::testing::Test {
    client_options options(std::string key, std::string secret, std::string token = {}) const {
        auto o = test::options_for(front, {});
        o.region = "us-east-1";
        o.credentials = aws::static_credentials(aws::credentials(std::move(key), std::move(secret), std::move(token)));
        return o;
    }
    /// Asks for a table that does not exist: what a good signature gets is that answer, and no refusal.
    error_code listed(client_options o) {
        client db(ctx, std::move(o));
        describe_table_request const request("nosuchtable");
        auto const r = test::run(ctx, as_result(db.describe_table(request)));
        return r ? error_code() : r.error().code;
    }

    std::string const front = test::endpoint_in("DYNASIO_SIGNATURE_ENDPOINT");
    boost::asio::io_context ctx;
};

TEST_F(signature, a_right_secret_is_let_through) {
    EXPECT_EQ(listed(options("NEGATIVETEST", "right")), service_errc::resource_not_found);
}

TEST_F(signature, a_session_token_is_signed_too) {
    EXPECT_EQ(listed(options("SESSIONTEST", "right", "session")), service_errc::resource_not_found);
    EXPECT_EQ(listed(options("SESSIONTEST", "right", "another")), service_errc::unrecognized_client);
    EXPECT_EQ(listed(options("SESSIONTEST", "right")), service_errc::unrecognized_client);
}

TEST_F(signature, a_wrong_secret_is_refused) {
    EXPECT_EQ(listed(options("NEGATIVETEST", "wrong")), service_errc::invalid_signature);
}

TEST_F(signature, an_unknown_key_is_refused) {
    EXPECT_EQ(listed(options("NOBODY", "right")), service_errc::unrecognized_client);
}

TEST_F(signature, another_region_is_refused) {
    auto o = options("NEGATIVETEST", "right");
    o.region = "eu-west-1";
    EXPECT_EQ(listed(std::move(o)), service_errc::invalid_signature);
}

TEST_F(signature, a_clock_that_is_wrong_is_corrected_by_what_the_refusal_says) {
    auto o = options("NEGATIVETEST", "right");
    o.clock = [] { return system_now() - std::chrono::hours(1); };
    EXPECT_EQ(listed(std::move(o)), service_errc::resource_not_found);
}

TEST_F(signature, a_body_that_was_changed_on_the_way_is_refused) {
    testing::fault_endpoint editor(front);
    editor.on(testing::match("BatchGetItem")).leave_unprocessed(testing::first_keys(1));
    auto o = options("NEGATIVETEST", "right");
    o.endpoint = editor.url();
    client db(ctx, std::move(o));
    std::vector<item> keys{item{{"id", "1"}}, item{{"id", "2"}}};
    read_batch_request const request("nosuchtable", std::move(keys));
    auto const r = test::run(ctx, as_result(db.read_batch(request)));
    ASSERT_TRUE(r.has_error());
    EXPECT_EQ(r.error().code, service_errc::invalid_signature);
}

} // namespace
} // namespace dynasio::signature_tests
