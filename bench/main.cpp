// Measures dynasio as ratios inside one run: against a bare loop on the same bytes, against Boost.JSON, against the
// least that the network's latency allows. See bench/README.md for the rules.

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include "measure.hpp"

int main(int argc, char** argv) {
    std::string json;
    std::string only;
    std::string alone;
    int rounds = 9;
    int count = 100'000;
    auto server =
        bench::cpu_count() > 1 ? bench::server_process::idling::stays_awake : bench::server_process::idling::sleeps;
    for (int i = 1; i < argc; ++i) {
        std::string_view const argument = argv[i];
        if (argument == "--json" && i + 1 < argc) {
            json = argv[++i];
        } else if (argument == "--rounds" && i + 1 < argc) {
            rounds = std::atoi(argv[++i]);
        } else if (argument == "--only" && i + 1 < argc) {
            only = argv[++i];
        } else if (argument == "--run" && i + 1 < argc) {
            alone = argv[++i];
        } else if (argument == "--sleeping-server") {
            server = bench::server_process::idling::sleeps;
        } else if (argument == "--count" && i + 1 < argc) {
            count = std::atoi(argv[++i]);
        } else {
            std::cerr
                << "usage: dynasio_bench [--json FILE] [--rounds N] [--only "
                   "decode|shapes|find|create|threads|batch|client|scan|save_many|graph] [--sleeping-server]\n"
                   "       dynasio_bench --run find|create|find_many|get_item|batch_get_item|floor|decode|scan|graph "
                   "[--count N]   (for a profiler)\n";
            return 2;
        }
    }
    if (rounds < 1) rounds = 1;
    try {
        bench::pin_to(0);
        if (!alone.empty()) {
            if (alone == "decode")
                bench::decode_alone(count);
            else if (alone == "scan")
                bench::scan_alone(count, server);
            else if (alone == "graph")
                bench::graph_alone(count);
            else
                bench::run_alone(alone, count, server);
            return 0;
        }
        std::vector<bench::row> rows;
        auto const add = [&](std::vector<bench::row> more) { rows.insert(rows.end(), more.begin(), more.end()); };
        if (only.empty() || only == "decode") add(bench::decoding(rounds));
        if (only.empty() || only == "shapes") add(bench::shapes(rounds));
        if (only.empty() || only == "find") add(bench::point_reads(rounds, server));
        if (only.empty() || only == "create") add(bench::point_writes(rounds, server));
        if (only.empty() || only == "threads") add(bench::two_threads(rounds));
        if (only.empty() || only == "batch") add(bench::batch_reads(rounds, server));
        if (only.empty() || only == "client") add(bench::client_reads(rounds, server));
        if (only.empty() || only == "scan") add(bench::scans(rounds, server));
        if (only.empty() || only == "save_many") add(bench::many_writes(rounds, server));
        if (only.empty() || only == "graph") add(bench::graph_loads(rounds));
        bench::print_table(rows);
        if (!json.empty()) bench::write_json(rows, json);
    } catch (std::exception const& e) {
        std::cerr << "dynasio_bench: " << e.what() << '\n';
        return 1;
    }
}
