#ifndef DYNASIO_TESTS_UNIT_TESTING_PLAIN_CLIENT_HPP
#define DYNASIO_TESTS_UNIT_TESTING_PLAIN_CLIENT_HPP

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace dynasio_tests {

/// One blocking connection that knows nothing of dynasio.
class plain_client {
public:
    using response = boost::beast::http::response<boost::beast::http::string_body>;
    using error_code = boost::system::error_code;

    explicit plain_client(std::uint16_t port) : socket_(context_) {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    }

    void send(std::string const& operation, std::string body, bool keep_alive = true) {
        boost::beast::http::request<boost::beast::http::string_body> request(boost::beast::http::verb::post, "/", 11);
        request.set(boost::beast::http::field::host, "table.host:8000");
        request.set(boost::beast::http::field::authorization,
                    "AWS4-HMAC-SHA256 Credential=made-up/20261121/us-east-1/dynamodb/aws4_request, "
                    "SignedHeaders=host;x-amz-date, Signature=0000");
        request.set("X-Amz-Target", "DynamoDB_20120810." + operation);
        request.set("X-Amz-Date", "20261121T000000Z");
        request.set("X-Amz-Security-Token", "session");
        request.set(boost::beast::http::field::content_type, "application/x-amz-json-1.0");
        request.body() = std::move(body);
        request.keep_alive(keep_alive);
        request.prepare_payload();
        boost::beast::http::write(socket_, request);
    }
    void send_bytes(std::string const& bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

    response receive() {
        response answer;
        boost::beast::http::read(socket_, buffer_, answer);
        return answer;
    }
    /// The error instead of an answer.
    error_code receive_error() {
        response answer;
        error_code ec;
        boost::beast::http::read(socket_, buffer_, answer, ec);
        return ec;
    }
    response call(std::string const& operation, std::string body) {
        send(operation, std::move(body));
        return receive();
    }
    /// What comes until the server closes; `ec` tells how it did.
    std::string receive_all(error_code& ec) {
        std::string bytes;
        boost::asio::read(socket_, boost::asio::dynamic_buffer(bytes), ec);
        return bytes;
    }
    void close() { socket_.close(); }

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
};

} // namespace dynasio_tests

#endif
