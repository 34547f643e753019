// Compares clients of other makers with dynasio: `dynasio_bench_peers [--rounds N] [--shapes] NAME=COMMAND...`, each
// COMMAND a program that takes the server's URL, reads lines `get N`, `put N` or `batch N`, does N operations with 64
// in flight and answers `done`. With --shapes the lines are `get_small N`, `put_wide N` and so on. The others are
// compared with the first one. The CPU time is that of the whole process, including threads of its run-time system, and
// is read from outside.

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <iostream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "floor.hpp"
#include "measure.hpp"

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr int connections = 64;
constexpr double seconds_of_a_round = 0.4;

class client_process {
public:
    client_process(std::string const& command, std::string const& url) {
        int to[2];
        int from[2];
        if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for a client");
        // exec makes the measured process the client itself instead of a shell.
        std::string const line = "exec " + command + " \"$0\"";
        pid_ = fork();
        if (pid_ == 0) {
            dup2(to[0], STDIN_FILENO);
            dup2(from[1], STDOUT_FILENO);
            execl("/bin/sh", "sh", "-c", line.c_str(), url.c_str(), nullptr);
            _exit(127);
        }
        close(to[0]);
        close(from[1]);
        to_ = fdopen(to[1], "w");
        from_ = fdopen(from[0], "r");
        if (pid_ < 0 || clock_getcpuclockid(pid_, &clock_) != 0) throw std::runtime_error("a client did not start");
    }
    client_process(client_process const&) = delete;
    client_process& operator=(client_process const&) = delete;
    ~client_process() {
        std::fclose(to_);
        std::fclose(from_);
        kill(pid_, SIGTERM); // a client that waits for an answer does not read the end of its input
        waitpid(pid_, nullptr, 0);
    }

    void ask(char const* operation, int count) {
        std::fprintf(to_, "%s %d\n", operation, count);
        std::fflush(to_);
    }
    void wait() {
        char answer[16];
        if (std::fscanf(from_, "%15s", answer) != 1 || std::string_view(answer) != "done")
            throw std::runtime_error("a client ended or failed");
    }
    /// CPU microseconds for each operation.
    double run(char const* operation, int count) {
        double const before = cpu_us();
        ask(operation, count);
        wait();
        return (cpu_us() - before) / count;
    }

private:
    [[nodiscard]] double cpu_us() const {
        timespec now{};
        clock_gettime(clock_, &now);
        return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
    }

    pid_t pid_ = -1;
    clockid_t clock_{};
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;
};

/// Length of the HTTP message at the front of `text`, or 0 while its head is incomplete.
std::size_t message_size(std::string_view text) {
    auto const end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    std::string head(text.substr(0, end));
    std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
    auto const at = head.find("\r\ncontent-length: ");
    if (at == std::string::npos) throw std::runtime_error("a message without a length");
    return end + 4 + std::strtoul(head.c_str() + at + 18, nullptr, 10);
}

std::string read_message(tcp::socket& socket) {
    std::string text;
    std::vector<char> buffer(64 * 1024);
    while (message_size(text) == 0 || text.size() < message_size(text))
        text.append(buffer.data(), socket.read_some(asio::buffer(buffer)));
    return text;
}

/// The bytes of one operation of a client: its first request of this kind for this table, and the size of the answer.
struct exchange {
    std::string request;
    std::size_t answer_size = 0;
};

exchange observe(std::string const& command, char const* operation, std::string_view target, std::string_view table,
                 unsigned server) {
    asio::io_context io(1);
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    exchange seen;
    client_process client(command, "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
    client.ask(operation, 1);
    // The client may connect for each request or keep one connection; the server answers every request.
    tcp::socket backend(io);
    backend.connect({asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(server)});
    std::vector<tcp::socket> sockets;
    while (seen.request.empty()) {
        sockets.push_back(acceptor.accept());
        boost::system::error_code ec;
        try {
            while (seen.request.empty()) {
                std::string const request = read_message(sockets.back());
                asio::write(backend, asio::buffer(request));
                std::string const answer = read_message(backend);
                auto const head_end = request.find("\r\n\r\n");
                if (request.find(target) < head_end && request.find(table, head_end) != std::string::npos)
                    seen = {request, answer.size()};
                asio::write(sockets.back(), asio::buffer(answer), ec);
            }
        } catch (boost::system::system_error const&) {
        }
    }
    return seen;
}

struct figures {
    std::string name;
    std::string command;
    std::unique_ptr<client_process> process;
    int count = 0;
    std::vector<double> cpu;
};

struct measured_operation {
    char const* title;
    char const* name;
    char const* target;
    char const* table;
};
constexpr measured_operation usual_operations[] = {
    {"GetItem", "get", "DynamoDB_20120810.GetItem", "\"accounts\""},
    {"PutItem", "put", "DynamoDB_20120810.PutItem", "\"accounts\""},
    {"BatchGetItem of 100", "batch", "DynamoDB_20120810.BatchGetItem", "\"accounts\""}};
// Reads and writes of one entity of each shape.
constexpr measured_operation shape_operations[] = {
    {"get small", "get_small", "DynamoDB_20120810.GetItem", "\"shape_small\""},
    {"get wide", "get_wide", "DynamoDB_20120810.GetItem", "\"shape_wide\""},
    {"get deep", "get_deep", "DynamoDB_20120810.GetItem", "\"shape_deep\""},
    {"get large", "get_large", "DynamoDB_20120810.GetItem", "\"shape_large\""},
    {"put small", "put_small", "DynamoDB_20120810.PutItem", "\"shape_small\""},
    {"put wide", "put_wide", "DynamoDB_20120810.PutItem", "\"shape_wide\""},
    {"put deep", "put_deep", "DynamoDB_20120810.PutItem", "\"shape_deep\""},
    {"put large", "put_large", "DynamoDB_20120810.PutItem", "\"shape_large\""}};

std::string cell(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string ratio(double value) { return cell(value, value < 1 ? 2 : 1); }

std::string cells(std::vector<double> const& cpu, double floor, double first) {
    auto const s = bench::spread_of(cpu);
    int const digits = s.median < 100 ? 1 : 0;
    return " | " + cell(s.median, digits) + " (" + cell(s.low, digits) + "–" + cell(s.high, digits) + ") | " +
           ratio(s.median / floor) + " | " + ratio(s.median / first);
}

void compare(std::vector<figures>& clients, std::span<measured_operation const> operations, int rounds) {
    std::vector<std::string> lines{"bare loop"};
    for (auto const& client : clients) lines.push_back(client.name);
    std::string head = "| client";
    std::string rule = "| ---";
    std::string sizes;
    for (auto const& operation : operations) {
        bench::server_process server(std::chrono::microseconds(0), bench::cpu_count() > 1 ? 1 : 0);
        // The clients inherited the server's pipe, so they must end before the server, also when one of them fails.
        auto const end_clients = [&clients](void*) {
            for (auto& client : clients) client.process.reset();
        };
        std::unique_ptr<void, decltype(end_clients)> const at_exit(&clients, end_clients);
        auto const seen =
            observe(clients.front().command, operation.name, operation.target, operation.table, server.port());
        sizes += std::string(sizes.empty() ? "" : "; ") + operation.title + ": " + std::to_string(seen.request.size()) +
                 " bytes out, " + std::to_string(seen.answer_size) + " in";
        for (auto& client : clients) {
            client.cpu.clear();
            client.process = std::make_unique<client_process>(client.command, server.url());
            // Warms up connections, allocators, and code that a JIT compiles only after some thousand calls.
            double cost = client.process->run(operation.name, 500);
            cost = client.process->run(operation.name, std::clamp(static_cast<int>(2e6 / cost), 500, 50'000));
            client.count = std::clamp(static_cast<int>(seconds_of_a_round * 1e6 / cost), 200, 50'000);
        }
        // As many as take some tenths of a second, whose largest part is copying the bytes.
        int const floor_count = std::clamp(
            static_cast<int>(1'000'000'000 / (50'000 + seen.request.size() + seen.answer_size)), 500, 20'000);
        std::vector<double> floor;
        for (int i = 0; i < rounds; ++i) {
            std::cerr << operation.title << ": round " << i + 1 << " of " << rounds << "\r" << std::flush;
            floor.push_back(
                bench::floor_cpu_us(server.port(), seen.request, seen.answer_size, connections, floor_count));
            for (auto& client : clients) client.cpu.push_back(client.process->run(operation.name, client.count));
        }
        std::cerr << '\n';
        double const least = bench::spread_of(floor).median;
        double const first = bench::spread_of(clients.front().cpu).median;
        head += std::string(" | ") + operation.title + ", µs | × bare loop | × " + clients.front().name;
        rule += " | --- | --- | ---";
        lines[0] += cells(floor, least, first);
        for (std::size_t i = 0; i < clients.size(); ++i) lines[i + 1] += cells(clients[i].cpu, least, first);
    }
    std::printf("%s |\n%s |\n", head.c_str(), rule.c_str());
    for (auto const& line : lines) std::printf("| %s |\n", line.c_str());
    std::printf("\nMedian of %d rounds (lowest–highest), CPU of the whole process for each operation. With %s: %s.\n",
                rounds, clients.front().name.c_str(), sizes.c_str());
}

} // namespace

int main(int argc, char** argv) {
    int rounds = 9;
    std::span<measured_operation const> operations = usual_operations;
    std::vector<figures> clients;
    for (int i = 1; i < argc; ++i) {
        std::string const argument = argv[i];
        auto const equals = argument.find('=');
        if (argument == "--rounds" && i + 1 < argc) {
            rounds = std::max(1, std::atoi(argv[++i]));
        } else if (argument == "--shapes") {
            operations = shape_operations;
        } else if (equals != std::string::npos && argument.front() != '-') {
            clients.push_back({argument.substr(0, equals), argument.substr(equals + 1), nullptr, 0, {}});
        } else {
            std::cerr << "usage: dynasio_bench_peers [--rounds N] [--shapes] NAME=COMMAND...\n";
            return 2;
        }
    }
    if (clients.empty()) return 2;
    try {
        // The clients inherit this core; the server runs on the other one.
        bench::pin_to(0);
        compare(clients, operations, rounds);
    } catch (std::exception const& e) {
        std::cerr << "dynasio_bench_peers: " << e.what() << '\n';
        return 1;
    }
}
