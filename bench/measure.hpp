#ifndef DYNASIO_BENCH_MEASURE_HPP
#define DYNASIO_BENCH_MEASURE_HPP

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// CPU time (user and system) of the calling thread so far, in microseconds.
[[nodiscard]] double thread_cpu_us();

/// Keeps the calling thread on one core; has no effect if there is only one.
void pin_to(int cpu);
[[nodiscard]] int cpu_count();

/// A line of /proc/self/status that is a size, in megabytes.
[[nodiscard]] double status_megabytes(std::string const& name);

/// What a command prints.
[[nodiscard]] std::string said_by(std::string const& command);
/// What this program prints when it is run with these arguments, in a process of its own.
[[nodiscard]] std::string said_by_itself(std::string const& arguments);

struct spread {
    double median = 0;
    double low = 0;
    double high = 0;
};
[[nodiscard]] spread spread_of(std::vector<double> values);

/// One line of the results.
struct row {
    std::string name;
    double ours = 0;
    double reference = 0;
    double ratio = 0;
    double goal = 0;
    std::string unit;
    std::string note;
};

/// The CPU time of `ours` and of `theirs`, which take turns, `count` times each in every round after a first one that
/// is not counted. The note begins with the spread of the ratios.
[[nodiscard]] row compare(std::string name, double goal, int rounds, int count, std::function<void()> const& ours,
                          std::function<void()> const& theirs, std::string note);

void print_table(std::vector<row> const& rows);
void write_json(std::vector<row> const& rows, std::string const& file);

/// The canned server as a child process, which the destructor ends.
class server_process {
public:
    /// Whether the server sleeps when it has no request. The sender to a sleeping process pays for waking it, and only
    /// slow clients let the server sleep. A server that stays awake costs all clients the same.
    enum class idling { sleeps, stays_awake };
    server_process(std::chrono::microseconds latency, int cpu, idling when_idle = idling::sleeps);
    ~server_process();
    server_process(server_process const&) = delete;
    server_process& operator=(server_process const&) = delete;

    [[nodiscard]] unsigned port() const noexcept { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    struct usage {
        double cpu_seconds = 0;
        double seconds = 0;
    };
    /// Ends the server and returns the time that it used.
    usage stop();

private:
    int pid_ = -1;
    int to_ = -1;
    std::FILE* from_ = nullptr;
    unsigned port_ = 0;
};

std::vector<row> point_reads(int rounds, server_process::idling server);
std::vector<row> point_writes(int rounds, server_process::idling server);
std::vector<row> client_reads(int rounds, server_process::idling server);
std::vector<row> two_threads(int rounds);
std::vector<row> batch_reads(int rounds, server_process::idling server);
std::vector<row> decoding(int rounds);
std::vector<row> shapes(int rounds);
std::vector<row> scans(int rounds, server_process::idling server);
std::vector<row> many_writes(int rounds, server_process::idling server);
std::vector<row> graph_loads(int rounds);
/// Runs `count` operations of dynasio and nothing else, for a profiler: "find", "create" or "find_many".
void run_alone(std::string_view what, int count, server_process::idling server);
void decode_alone(int count);
/// Reads `count` entities page by page, and prints also by how much the process's memory grew.
void scan_alone(int count, server_process::idling server);
/// Loads the graph of `count` users, and prints the memory that it took at its peak and at its end.
void graph_alone(int count);

} // namespace bench

#endif
