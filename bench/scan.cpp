#include <dynasio/orm/repository.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "client.hpp"
#include "floor.hpp"
#include "measure.hpp"
#include "records.hpp"

namespace bench {

namespace asio = boost::asio;

namespace {

constexpr int page_size = 1'000;
constexpr int pages_of_the_table = scanned_items / page_size;

/// What was read of the entities, so that reading them cannot be left out.
struct seen {
    int items = 0;
    std::int64_t ages = 0;
};

/// Reads the table page by page until `enough` entities have come.
asio::awaitable<void> read_table(dynasio::client db, int enough, seen& all) {
    auto pages = dynasio::repository<Account>(db).scan().pages(page_size);
    while (all.items < enough) {
        auto reading = pages.next();
        auto const page = co_await std::move(reading);
        if (!page) break;
        for (Account const& account : page->items) all.ages += account.age;
        all.items += static_cast<int>(page->items.size());
    }
}
asio::awaitable<void> read_a_page(dynasio::client db, int&) {
    seen all;
    co_await read_table(std::move(db), 1, all);
}

/// CPU microseconds for the scan.
double scan(asio::io_context& io, dynasio::client const& db, int count) {
    seen all;
    double const used = run_to_end(io, read_table(db, count, all));
    if (all.items != count || all.ages < 20LL * count) throw std::runtime_error("the table was not read right");
    return used;
}

/// Decodes a page as often as the table has pages. Returns CPU microseconds.
double decode_table(std::string const& body) {
    dynasio::entity_type const& type = dynasio::entity_type_of<Account>();
    double const before = thread_cpu_us();
    for (int i = 0; i < pages_of_the_table; ++i) {
        std::vector<Account> accounts;
        accounts.reserve(page_size);
        for_each_item(body, [&](dynasio::dynamodb::json_reader& in) { type.decode(in, &accounts.emplace_back()); });
        if (accounts.size() != page_size) throw std::runtime_error("the page was not read right");
    }
    return thread_cpu_us() - before;
}

/// By how much the memory of a process that does nothing but reading `count` entities grows, at its peak.
double peak_growth_megabytes(int count) {
    double growth = 0;
    std::string const said = said_by_itself("--run scan --count " + std::to_string(count));
    if (std::sscanf(said.c_str(), "%*f us for each of %*d, %lf MB", &growth) != 1)
        throw std::runtime_error("the process that scans did not tell its memory");
    return growth;
}

} // namespace

std::vector<row> scans(int rounds, server_process::idling when_idle) {
    constexpr int few = 10 * page_size;
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0, when_idle);
    std::string const body = scan_items_text(page_size) + scan_end_text(page_size);
    std::string const request = captured_request(read_a_page);
    asio::io_context io(1);
    dynasio::client db(io, options_for(server.url()));
    scan(io, db, few); // makes the connection

    std::vector<double> mine, floor, decoding, by_floor, by_decoding, rate, memory, memory_of_few;
    for (int i = 0; i < rounds; ++i) {
        std::cerr << "scan: round " << i + 1 << " of " << rounds << "\r" << std::flush;
        // One page is under way at a time.
        floor.push_back(floor_cpu_us(server.port(), request, answer_size(body), 1, pages_of_the_table) / page_size);
        decoding.push_back(decode_table(body) / scanned_items);
        auto const start = std::chrono::steady_clock::now();
        mine.push_back(scan(io, db, scanned_items) / scanned_items);
        rate.push_back(scanned_items / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        by_floor.push_back(mine.back() / floor.back());
        by_decoding.push_back(mine.back() / decoding.back());
    }
    for (int i = 0; i < 3; ++i) {
        memory_of_few.push_back(peak_growth_megabytes(few));
        memory.push_back(peak_growth_megabytes(scanned_items));
    }
    std::cerr << '\n';
    db.stop();
    auto const used = server.stop();
    auto const ratio = spread_of(by_floor);
    auto const decode_ratio = spread_of(by_decoding);
    auto const peak = spread_of(memory);
    auto const least_peak = spread_of(memory_of_few);
    char note[200];
    std::snprintf(note, sizeof note,
                  "ratio %.2f..%.2f; pages of %d items and %zu bytes, %.0f items/s; server used %.0f %% of its core",
                  ratio.low, ratio.high, page_size, body.size(), spread_of(rate).median,
                  used.seconds > 0 ? 100 * used.cpu_seconds / used.seconds : 0);
    char decode_note[80];
    std::snprintf(decode_note, sizeof decode_note, "ratio %.2f..%.2f", decode_ratio.low, decode_ratio.high);
    char memory_note[120];
    std::snprintf(memory_note, sizeof memory_note, "%.1f..%.1f MB; of 10,000 items %.1f..%.1f MB", peak.low, peak.high,
                  least_peak.low, least_peak.high);
    return {{"scan of 1,000,000 items, CPU for each / bare loop", spread_of(mine).median, spread_of(floor).median,
             ratio.median, 0, "us", note},
            {"scan of 1,000,000 items, CPU for each / decode alone", spread_of(mine).median, spread_of(decoding).median,
             decode_ratio.median, 0, "us", decode_note},
            {"scan of 1,000,000 items, peak memory / of 10,000", peak.median, least_peak.median,
             peak.median / least_peak.median, 1.1, "MB", memory_note}};
}

void scan_alone(int count, server_process::idling when_idle) {
    count = std::max(count / page_size, 1) * page_size;
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0, when_idle);
    double const before = status_megabytes("VmRSS");
    asio::io_context io(1);
    dynasio::client db(io, options_for(server.url()));
    double used = 0;
    for (int left = count; left > 0; left -= scanned_items) used += scan(io, db, std::min(left, scanned_items));
    db.stop();
    std::printf("%.2f us for each of %d, %.2f MB\n", used / count, count, status_megabytes("VmHWM") - before);
}

} // namespace bench
