#include "client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>
#include <exception>
#include <thread>
#include <utility>

#include "measure.hpp"

namespace bench {

namespace asio = boost::asio;

dynasio::client_options options_for(std::string const& url) {
    dynasio::client_options options;
    options.region = "us-east-1";
    options.endpoint = url;
    options.credentials = dynasio::aws::static_credentials(
        dynasio::aws::credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    options.pool.max_connections = connections;
    return options;
}

std::string captured_request(operation_loop const& operation) {
    asio::io_context server(1);
    asio::ip::tcp::acceptor acceptor(server, {asio::ip::address_v4::loopback(), 0});
    auto const port = acceptor.local_endpoint().port();
    std::string text;
    std::thread peer([&] {
        auto socket = acceptor.accept();
        char buffer[64 * 1024];
        while (true) {
            text.append(buffer, socket.read_some(asio::buffer(buffer)));
            auto const end = text.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            auto const at = text.find("Content-Length: ");
            if (text.size() >= end + 4 + static_cast<std::size_t>(std::atoi(text.c_str() + at + 16))) break;
        }
        asio::write(socket, asio::buffer(std::string(
                                "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")));
    });
    asio::io_context io(1);
    dynasio::client client(io, options_for("http://127.0.0.1:" + std::to_string(port)));
    int left = 1;
    asio::co_spawn(io, operation(client, left), [](std::exception_ptr) {});
    io.run();
    peer.join();
    return text;
}

std::size_t answer_size(std::string const& body) {
    // Status line and headers as in canned_server.cpp. The checksum is shorter than ten digits at times.
    constexpr std::size_t digits_of_checksum = 6;
    return std::string(
               "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: "
               "01A1FD4DDCB07F6097FECF0D0B9D87CD01A1FD4DDCB07F6097FE\r\nx-amz-crc32: \r\nContent-Length: \r\n\r\n")
               .size() +
           std::to_string(body.size()).size() + digits_of_checksum + body.size();
}

double run_to_end(asio::io_context& io, asio::awaitable<void> operation) {
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(operation), [&failure](std::exception_ptr e) { failure = e; });
    io.restart();
    double const before = thread_cpu_us();
    io.run();
    double const used = thread_cpu_us() - before;
    if (failure) std::rethrow_exception(failure);
    return used;
}

} // namespace bench
