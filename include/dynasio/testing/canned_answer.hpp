#ifndef DYNASIO_TESTING_CANNED_ANSWER_HPP
#define DYNASIO_TESTING_CANNED_ANSWER_HPP

#include <string>
#include <utility>
#include <vector>

namespace dynasio::testing {

/// An HTTP answer made without a server.
///
/// JSON answers get DynamoDB's headers (x-amz-crc32, x-amzn-RequestId) unless they are set here. Answers of other
/// content types do not get them; in production they come from proxies in front of DynamoDB.
struct canned_answer {
    static constexpr char const* json_type = "application/x-amz-json-1.0";

    unsigned status = 200;
    std::string content_type = json_type; ///< Empty: no Content-Type header.
    std::string body = "{}";
    std::vector<std::pair<std::string, std::string>> headers{};

    canned_answer() = default;
    /// Status 200 with a JSON body.
    explicit canned_answer(std::string json_body);
    canned_answer(unsigned http_status, std::string json_body);
    canned_answer(unsigned http_status, std::string type, std::string text);

    /// An error as DynamoDB writes it. A `type` without '#' is prefixed with DynamoDB's name space.
    [[nodiscard]] static canned_answer error(unsigned http_status, std::string type, std::string message);
};

} // namespace dynasio::testing

#endif
