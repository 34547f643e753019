#include "measure.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sched.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bench {

double thread_cpu_us() {
    // getrusage() is not used, because it counts in ticks of some milliseconds on many systems.
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

double status_megabytes(std::string const& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ':')) return std::strtod(line.c_str() + name.size() + 1, nullptr) / 1024;
    throw std::runtime_error("the system does not tell " + name);
}

std::string said_by(std::string const& command) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const out(popen(command.c_str(), "r"), &pclose);
    if (!out) throw std::runtime_error("this could not be run: " + command);
    std::string said;
    std::array<char, 256> part{};
    while (std::fgets(part.data(), static_cast<int>(part.size()), out.get()) != nullptr) said += part.data();
    return said;
}
std::string said_by_itself(std::string const& arguments) {
    return said_by(std::filesystem::read_symlink("/proc/self/exe").string() + ' ' + arguments);
}

int cpu_count() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

void pin_to(int cpu) {
    if (cpu_count() < 2) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    sched_setaffinity(0, sizeof set, &set);
}

spread spread_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return {values[values.size() / 2], values.front(), values.back()};
}

row compare(std::string name, double goal, int rounds, int count, std::function<void()> const& ours,
            std::function<void()> const& theirs, std::string note) {
    std::vector<double> mine, reference, ratios;
    auto const cost = [count](std::function<void()> const& action) {
        double const before = thread_cpu_us();
        for (int i = 0; i < count; ++i) action();
        return (thread_cpu_us() - before) / count;
    };
    for (int i = 0; i < rounds + 1; ++i) {
        std::cerr << name << ": round " << i << " of " << rounds << "\r" << std::flush;
        double const b = cost(theirs);
        double const a = cost(ours);
        if (i == 0) continue; // warm
        mine.push_back(a);
        reference.push_back(b);
        ratios.push_back(a / b);
    }
    std::cerr << '\n';
    auto const ratio = spread_of(ratios);
    char text[64];
    std::snprintf(text, sizeof text, "ratio %.2f..%.2f; ", ratio.low, ratio.high);
    return {std::move(name),       spread_of(mine).median, spread_of(reference).median, ratio.median, goal, "us",
            text + std::move(note)};
}

server_process::server_process(std::chrono::microseconds latency, int cpu, idling when_idle) {
    int to[2];
    int from[2];
    if (pipe(to) != 0 || pipe(from) != 0) throw std::runtime_error("no pipe for the benchmark server");
    std::string const delay = std::to_string(latency.count());
    std::string const core = std::to_string(cpu);
    pid_ = fork();
    if (pid_ == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        for (int const fd : {to[0], to[1], from[0], from[1]}) close(fd);
        execl(DYNASIO_BENCH_SERVER, DYNASIO_BENCH_SERVER, "--latency-us", delay.c_str(), "--cpu", core.c_str(),
              "--awake", when_idle == idling::stays_awake ? "1" : "0", nullptr);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    to_ = to[1];
    from_ = fdopen(from[0], "r");
    if (pid_ < 0 || std::fscanf(from_, "%u", &port_) != 1)
        throw std::runtime_error("the benchmark server did not start");
}

server_process::usage server_process::stop() {
    usage used;
    if (pid_ < 0) return used;
    close(to_); // the end of its input ends the server
    if (std::fscanf(from_, "%lf %lf", &used.cpu_seconds, &used.seconds) != 2) used = {};
    std::fclose(from_);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    return used;
}

server_process::~server_process() { stop(); }

} // namespace bench
