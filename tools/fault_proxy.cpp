// dynasio-fault-proxy: the fault endpoint as a program, for clients in any language.

#include <dynasio/testing/fault_script.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/version.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using dynasio::testing::fault_endpoint;
using dynasio::testing::fault_endpoint_options;
using dynasio::testing::scripted_fault;
using std::chrono::milliseconds;

constexpr int wrong_usage = 2;

constexpr std::string_view usage =
    R"(dynasio-fault-proxy: stands between a DynamoDB client and a server, and spoils what it is told to.

  dynasio-fault-proxy --target http://127.0.0.1:8000 --fault throttle:rate=0.05 [--fault ...]

  --target URL         the server behind, http only; without one, only faults answer
  --listen HOST:PORT   numeric address to listen on (127.0.0.1:0; port 0 takes a free one); anything but a loopback
                       address needs --allow-remote as well
  --allow-remote       whoever can reach the proxy may use the server behind it
  --fault FAULT        a fault, see below; can be given several times
  --script FILE        faults, one on each line; '#' begins a comment line
  --seed N             what faults with a rate take their chances from (1)
  --latency N          milliseconds added to every request
  --tls                speak TLS to clients, with a certificate that is made at the start
  --authority FILE     where to write the certificate authority that clients have to trust
  --duration N         end after so many seconds, perhaps with a fraction (0.5)
  --max-requests N     end after this many requests
  --help, --version

An N of these options is a plain number, without a unit. The first line printed is the URL to use. The proxy ends with
SIGINT, SIGTERM, or as told; then it says what it did.

)";

struct bad_usage : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct options {
    fault_endpoint_options endpoint{};
    bool allow_remote = false;
    std::vector<std::string> faults{};
    std::vector<std::string> scripts{};
    std::string authority_file{};
    std::optional<milliseconds> duration{};
    std::optional<std::size_t> max_requests{};
};

template <class T> T number(std::string_view option, std::string_view text) {
    T value{};
    auto const end = text.data() + text.size();
    auto const [stopped, ec] = std::from_chars(text.data(), end, value);
    if (ec != std::errc() || stopped != end)
        throw bad_usage(std::string(option) + " takes a number, not \"" + std::string(text) + '"');
    return value;
}

void read_listen(options& to, std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) throw bad_usage("--listen takes HOST:PORT, not \"" + std::string(text) + '"');
    to.endpoint.port = number<std::uint16_t>("the port of --listen", text.substr(colon + 1));
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    boost::system::error_code ec;
    auto const address = asio::ip::make_address(std::string(host), ec);
    if (ec) throw bad_usage("--listen takes a numeric address, not \"" + std::string(host) + '"');
    to.endpoint.address = host;
    if (!address.is_loopback() && !to.allow_remote)
        throw bad_usage("--listen " + std::string(text) +
                        " would let other machines use the server behind; add --allow-remote to mean it");
}

options read_arguments(std::vector<std::string_view> const& arguments) {
    options read;
    std::optional<std::string_view> listen;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        auto option = arguments[i];
        std::optional<std::string_view> attached;
        if (auto const equals = option.find('='); option.starts_with("--") && equals != std::string_view::npos) {
            attached = option.substr(equals + 1);
            option = option.substr(0, equals);
        }
        auto const value = [&] {
            if (attached) return *std::exchange(attached, std::nullopt);
            if (++i == arguments.size()) throw bad_usage(std::string(option) + " needs a value");
            return arguments[i];
        };
        if (option == "--target") {
            read.endpoint.upstream = value();
            if (read.endpoint.upstream.empty()) throw bad_usage("--target needs a URL");
        } else if (option == "--listen") {
            listen = value();
        } else if (option == "--allow-remote") {
            read.allow_remote = true;
        } else if (option == "--fault") {
            read.faults.emplace_back(value());
        } else if (option == "--script") {
            read.scripts.emplace_back(value());
        } else if (option == "--seed") {
            read.endpoint.seed = number<std::uint64_t>(option, value());
        } else if (option == "--latency") {
            read.endpoint.latency = milliseconds(number<std::uint32_t>(option, value()));
        } else if (option == "--tls") {
            read.endpoint.tls = true;
        } else if (option == "--authority") {
            read.authority_file = value();
        } else if (option == "--duration") {
            auto const seconds = number<double>(option, value());
            if (!(seconds >= 0 && seconds <= 1e9)) throw bad_usage("--duration takes seconds, 0 or more");
            read.duration = milliseconds(static_cast<milliseconds::rep>(seconds * 1000));
        } else if (option == "--max-requests") {
            read.max_requests = number<std::size_t>(option, value());
        } else {
            throw bad_usage("unknown option \"" + std::string(arguments[i]) + '"');
        }
        if (attached) throw bad_usage(std::string(option) + " takes no value");
    }
    // The order of --listen and --allow-remote does not matter.
    if (listen) read_listen(read, *listen);
    if (!read.authority_file.empty() && !read.endpoint.tls) throw bad_usage("--authority needs --tls");
    return read;
}

std::string contents_of(std::string const& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text;
    char part[4096];
    while (in.read(part, sizeof(part)) || in.gcount() > 0) text.append(part, static_cast<std::size_t>(in.gcount()));
    if (!in.eof()) throw bad_usage("cannot read " + file);
    return text;
}

std::vector<scripted_fault> apply_faults(fault_endpoint& endpoint, options const& told) {
    std::vector<scripted_fault> faults;
    try {
        for (auto const& fault : told.faults) faults.push_back(dynasio::testing::apply_fault(endpoint, fault));
    } catch (dynasio::error const& e) {
        throw bad_usage("--fault: " + e.info().message);
    }
    for (auto const& file : told.scripts) {
        auto const text = contents_of(file);
        try {
            auto more = dynasio::testing::apply_fault_script(endpoint, text);
            std::move(more.begin(), more.end(), std::back_inserter(faults));
        } catch (dynasio::error const& e) {
            throw bad_usage(file + ": " + e.info().message);
        }
    }
    return faults;
}

/// Waits for a signal, or for the duration or number of requests that the options set.
void wait_for_the_end(fault_endpoint const& endpoint, options const& told, asio::io_context& io) {
    std::optional<asio::steady_timer> duration;
    if (told.duration) {
        duration.emplace(io, *told.duration);
        duration->async_wait([&](boost::system::error_code) { io.stop(); });
    }
    if (!told.max_requests) {
        io.run();
        return;
    }
    // The endpoint does not notify other threads of requests, so it is polled.
    constexpr milliseconds look_every(10);
    while (!io.stopped() && (endpoint.count() < *told.max_requests || endpoint.in_flight() > 0)) io.run_for(look_every);
}

int run(std::vector<std::string_view> const& arguments) {
    auto told = read_arguments(arguments);
    told.endpoint.record_limit = 0; // this program never reads the records
    // The signals are handled before the endpoint starts, so that a signal ends the program in order.
    asio::io_context io(1);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) { io.stop(); });

    std::optional<fault_endpoint> endpoint;
    try {
        endpoint.emplace(told.endpoint);
    } catch (dynasio::error const& e) {
        // An error of the system, such as a port in use, is not a mistake in the command line.
        if (e.code().category() == boost::system::system_category()) throw std::runtime_error(e.what());
        throw bad_usage("--target: " + e.info().message);
    }
    auto const faults = apply_faults(*endpoint, told);
    if (!told.authority_file.empty()) {
        std::ofstream out(told.authority_file, std::ios::binary);
        out << endpoint->authority_pem() << std::flush;
        if (!out) throw bad_usage("cannot write " + told.authority_file);
    }
    std::cout << endpoint->url() << '\n'
              << "target " << (told.endpoint.upstream.empty() ? "none" : told.endpoint.upstream) << ", seed "
              << told.endpoint.seed << ", " << faults.size() << (faults.size() == 1 ? " fault" : " faults")
              << std::endl;
    wait_for_the_end(*endpoint, told, io);
    std::cout << endpoint->count() << " requests on " << endpoint->connections() << " connections\n";
    for (auto const& fault : faults) std::cout << "  " << fault.rule.used() << " x " << fault.text << '\n';
    std::cout << std::flush;
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string_view> const arguments(argv + 1, argv + argc);
    try {
        for (auto const argument : arguments) {
            if (argument == "--help" || argument == "-h") {
                std::cout << usage << dynasio::testing::fault_script_help();
                return 0;
            }
            if (argument == "--version") {
                std::cout << "dynasio-fault-proxy " << dynasio::version_text << '\n';
                return 0;
            }
        }
        return run(arguments);
    } catch (bad_usage const& e) {
        std::cerr << "dynasio-fault-proxy: " << e.what() << " (--help lists what there is)\n";
        return wrong_usage;
    } catch (std::exception const& e) {
        std::cerr << "dynasio-fault-proxy: " << e.what() << '\n';
        return 1;
    }
}
