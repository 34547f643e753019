#include <dynasio/testing/canned_answer.hpp>

#include <dynasio/dynamodb/json.hpp>

namespace dynasio::testing {

canned_answer::canned_answer(std::string json_body) : body(std::move(json_body)) {}

canned_answer::canned_answer(unsigned http_status, std::string json_body)
    : status(http_status), body(std::move(json_body)) {}

canned_answer::canned_answer(unsigned http_status, std::string type, std::string text)
    : status(http_status), content_type(std::move(type)), body(std::move(text)) {}

canned_answer canned_answer::error(unsigned http_status, std::string type, std::string message) {
    if (type.find('#') == std::string::npos) type.insert(0, "com.amazonaws.dynamodb.v20120810#");
    std::string text = R"({"__type":)";
    dynamodb::append_json_string(text, type);
    text += R"(,"message":)";
    dynamodb::append_json_string(text, message);
    text += '}';
    return canned_answer(http_status, std::move(text));
}

} // namespace dynasio::testing
