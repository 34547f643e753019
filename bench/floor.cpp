#include "floor.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <vector>

#include "measure.hpp"

namespace bench {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

asio::awaitable<void> loop(tcp::socket& socket, std::string const& request, std::size_t answer_size, int& left) {
    std::vector<char> buffer(64 * 1024);
    while (left > 0) {
        --left;
        std::size_t sent = 0;
        while (sent < request.size())
            sent += co_await socket.async_send(asio::buffer(request.data() + sent, request.size() - sent),
                                               asio::use_awaitable);
        std::size_t got = 0;
        while (got < answer_size)
            got += co_await socket.async_receive(asio::buffer(buffer.data(), buffer.size()), asio::use_awaitable);
    }
}

} // namespace

double floor_cpu_us(unsigned port, std::string const& request, std::size_t answer_size, int connections,
                    int exchanges) {
    asio::io_context io(1);
    std::vector<std::unique_ptr<tcp::socket>> sockets;
    for (int i = 0; i < connections; ++i) {
        sockets.push_back(std::make_unique<tcp::socket>(io));
        sockets.back()->connect({asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port)});
        sockets.back()->set_option(tcp::no_delay(true));
    }
    auto const run = [&](int count) {
        int left = count;
        for (auto& s : sockets) asio::co_spawn(io, loop(*s, request, answer_size, left), asio::detached);
        io.restart();
        io.run();
    };
    run(connections * 20); // warm
    double const before = thread_cpu_us();
    run(exchanges);
    return (thread_cpu_us() - before) / exchanges;
}

} // namespace bench
