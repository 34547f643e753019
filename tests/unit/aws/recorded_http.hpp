#ifndef DYNASIO_TESTS_UNIT_AWS_RECORDED_HTTP_HPP
#define DYNASIO_TESTS_UNIT_AWS_RECORDED_HTTP_HPP

#include <dynasio/aws/provider_context.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/test_data.hpp"

namespace dynasio::tests {

/// A recording of requests and answers: answers them in order, and compares what is asked with what was asked then.
///
/// Compared are method, address (without regard to the order of its query), each recorded header but those that name
/// the program, the host or the time or hold the signature, and of a form its fields' names with Action and Version.
/// Recorded values of other fields were taken from other accounts than the case's own files and do not agree with them.
class recorded_http {
public:
    explicit recorded_http(boost::json::value const& traffic) {
        std::map<std::int64_t, std::size_t> of_connection;
        for (auto const& event : traffic.at("events").as_array()) {
            auto const connection = event.at("connection_id").as_int64();
            auto const& action = event.at("action").as_object();
            if (auto const* const request = action.if_contains("Request")) {
                of_connection[connection] = exchanges_.size();
                add(request->at("request"));
            }
            if (of_connection.find(connection) == of_connection.end()) continue;
            recorded& of = exchanges_[of_connection[connection]];
            if (auto const* const response = action.if_contains("Response")) {
                of.status = static_cast<unsigned>(response->at("response").at("Ok").at("status").to_number<int>());
            } else if (auto const* const data = action.if_contains("Data")) {
                bool const of_request = data->at("direction").as_string() == "Request";
                (of_request ? of.body : of.answer) += to_string(data->at("data").at("Utf8"));
            }
        }
    }

    /// Refers to this object. A request past the recording finds nothing there.
    [[nodiscard]] aws::http_transport transport() {
        return [this](aws::transport_request request) { return answer(std::move(request)); };
    }
    [[nodiscard]] std::size_t asked() const noexcept { return asked_; }
    [[nodiscard]] std::size_t recorded_count() const noexcept { return exchanges_.size(); }

private:
    struct recorded {
        std::string method{};
        std::string uri{};
        std::map<std::string, std::string> headers{};
        std::string body{};
        unsigned status = 0;
        std::string answer{};
    };

    static std::string lower(std::string text) {
        for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    }

    static std::vector<std::string> fields(std::string_view text) {
        std::vector<std::string> result;
        while (!text.empty()) {
            auto const end = std::min(text.find('&'), text.size());
            result.emplace_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        std::sort(result.begin(), result.end());
        return result;
    }

    /// Address without a path of '/' alone, and the sorted query.
    static std::pair<std::string, std::vector<std::string>> parts(std::string_view uri) {
        auto const query = uri.find('?');
        std::string address(uri.substr(0, query));
        if (std::count(address.begin(), address.end(), '/') == 3 && address.back() == '/') address.pop_back();
        return {address, fields(query == std::string_view::npos ? std::string_view() : uri.substr(query + 1))};
    }

    static std::vector<std::string> form_shape(std::string_view body) {
        std::vector<std::string> shape;
        for (std::string const& field : fields(body)) {
            std::string const name = field.substr(0, field.find('='));
            shape.push_back(name == "Action" || name == "Version" ? field : name);
        }
        return shape;
    }

    void add(boost::json::value const& request) {
        recorded r;
        r.method = to_string(request.at("method"));
        r.uri = to_string(request.at("uri"));
        for (auto const& [name, values] : request.at("headers").as_object())
            r.headers[lower(std::string(std::string_view(name)))] = to_string(values.as_array().at(0));
        exchanges_.push_back(std::move(r));
    }

    static void compare(aws::transport_request const& request, recorded const& r) {
        EXPECT_EQ(request.method, r.method);
        EXPECT_EQ(parts(request.url), parts(r.uri));
        std::map<std::string, std::string> sent;
        for (auto const& [name, value] : request.headers) sent[lower(name)] = value;
        static std::set<std::string> const only_present{"authorization", "x-amz-date"};
        static std::set<std::string> const not_ours{"user-agent", "x-amz-user-agent", "host", "content-length",
                                                    "x-amz-security-token"};
        for (auto const& [name, value] : r.headers) {
            if (not_ours.count(name) != 0) continue;
            EXPECT_EQ(sent.count(name), 1U) << name;
            if (only_present.count(name) == 0) {
                EXPECT_EQ(sent[name], value) << name;
            }
        }
        // The token of a container is in no recording.
        EXPECT_EQ(sent["authorization"].starts_with("AWS4-"), r.headers.count("authorization") == 1);
        if (!r.body.empty()) {
            EXPECT_EQ(form_shape(request.body), form_shape(r.body));
        }
    }

    boost::asio::awaitable<aws::transport_response> answer(aws::transport_request request) {
        if (asked_ >= exchanges_.size()) {
            ++asked_;
            throw_error(transport_errc::connect_failed, "past the recording: " + request.url);
        }
        recorded const& r = exchanges_[asked_++];
        compare(request, r);
        aws::transport_response response;
        response.status = r.status;
        response.body = r.answer;
        co_return response;
    }

    std::vector<recorded> exchanges_{};
    std::size_t asked_ = 0;
};

} // namespace dynasio::tests

#endif
