#include <dynasio/core/status_class.hpp>

#include <boost/asio/error.hpp>

#include <gtest/gtest.h>

namespace {

using namespace dynasio;

TEST(status_class, says_what_a_server_does_about_an_error) {
    EXPECT_EQ(status_class(errc::deadline_exceeded), error_class::retry_later);
    EXPECT_EQ(status_class(service_errc::throttling), error_class::retry_later);
    EXPECT_EQ(status_class(transport_errc::connection_lost), error_class::retry_later);
    EXPECT_EQ(status_class(errc::not_found), error_class::not_found);
    EXPECT_EQ(status_class(errc::stale_version), error_class::conflict);
    EXPECT_EQ(status_class(service_errc::transaction_canceled), error_class::conflict);
    EXPECT_EQ(status_class(errc::invalid_cursor), error_class::bad_input);
    EXPECT_EQ(status_class(service_errc::validation), error_class::bad_input);
    EXPECT_EQ(status_class(errc::batch_too_large), error_class::too_large);
    EXPECT_EQ(status_class(service_errc::access_denied), error_class::no_permission);
    EXPECT_EQ(status_class(errc::attribute_type_mismatch), error_class::bug);
    EXPECT_EQ(status_class(boost::asio::error::operation_aborted), error_class::cancelled);
    EXPECT_EQ(status_class(boost::system::errc::make_error_code(boost::system::errc::io_error)), error_class::bug);
}

TEST(status_class, of_a_missing_table_is_not_that_of_a_missing_item) {
    EXPECT_EQ(status_class(service_errc::resource_not_found), error_class::bug);
}

TEST(status_class, has_a_status_of_http) {
    EXPECT_EQ(http_status(error_class::retry_later), 503U);
    EXPECT_EQ(http_status(error_class::not_found), 404U);
    EXPECT_EQ(http_status(error_class::conflict), 409U);
    EXPECT_EQ(http_status(error_class::bad_input), 400U);
    EXPECT_EQ(http_status(error_class::too_large), 413U);
    EXPECT_EQ(http_status(error_class::no_permission), 500U);
    EXPECT_EQ(http_status(error_class::bug), 500U);
    EXPECT_EQ(http_status(error_class::cancelled), 499U);
}

} // namespace
