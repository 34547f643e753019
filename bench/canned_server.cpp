// Answers DynamoDB requests with canned bytes, in a process of its own, so that a benchmark's CPU time is the client's
// alone. Prints its port and serves until its standard input ends. `--latency-us N` delays every answer without
// blocking others. With `--awake 1` it polls for requests instead of sleeping. The last line that it prints has its CPU
// time and its running time.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <sched.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "answers.hpp"
#include "shape_items.hpp"

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

std::string http_head(std::size_t body_size, boost::crc_32_type const& crc) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: "
           "01A1FD4DDCB07F6097FECF0D0B9D87CD01A1FD4DDCB07F6097FE\r\nx-amz-crc32: " +
           std::to_string(crc.checksum()) + "\r\nContent-Length: " + std::to_string(body_size) + "\r\n\r\n";
}

std::string http_answer(std::string_view body) {
    boost::crc_32_type crc;
    crc.process_bytes(body.data(), body.size());
    return http_head(body.size(), crc).append(body);
}

/// The number behind `marker`, or 0.
int number_behind(std::string_view marker, std::string_view body) {
    int number = 0;
    if (auto const at = body.find(marker); at != std::string_view::npos)
        std::from_chars(body.data() + at + marker.size(), body.data() + body.size(), number);
    return number;
}

/// Answers a Scan. The checksum of the items is computed once.
class scan_pages {
public:
    void answer(std::string_view body, std::string& out) {
        constexpr int items_of_a_megabyte = 2'600;
        int const limit = number_behind(R"("Limit":)", body);
        int const behind = number_behind(R"("ExclusiveStartKey":{"id":{"S":")", body);
        int const size = std::min(
            {limit > 0 ? limit : items_of_a_megabyte, items_of_a_megabyte, std::max(bench::scanned_items - behind, 0)});
        if (size != size_) {
            size_ = size;
            items_ = bench::scan_items_text(size);
            checksum_.reset();
            checksum_.process_bytes(items_.data(), items_.size());
        }
        std::string const end = bench::scan_end_text(behind + size);
        boost::crc_32_type checksum = checksum_;
        checksum.process_bytes(end.data(), end.size());
        out = http_head(items_.size() + end.size(), checksum);
        out += items_;
        out += end;
    }

private:
    int size_ = -1;
    std::string items_;
    boost::crc_32_type checksum_;
};

// A graph whose entities are computed from their keys.

constexpr int posts_of_user = 2;
constexpr int comments_of_post = 2;
constexpr char const* words =
    "some words that are as long as what somebody writes who has something to tell, but not much";

std::string s(std::string_view name, std::string const& text) {
    return '"' + std::string(name) + R"(":{"S":")" + text + R"("})";
}

/// The string operand ":0" of a Query.
std::string_view operand(std::string_view body) {
    constexpr std::string_view marker = R"(":0":{"S":")";
    auto const at = body.find(marker);
    if (at == std::string_view::npos) return {};
    auto const begin = at + marker.size();
    return body.substr(begin, body.find('"', begin) - begin);
}

/// A page of the notes of "writer-1000007-250", who has 250.
std::string notes_answer(std::string const& writer, std::string_view body) {
    constexpr int notes_of_a_megabyte = 2'600;
    int const all = number_behind("-", std::string_view(writer).substr(writer.find('-') + 1));
    int const first = number_behind(R"("ExclusiveStartKey":{"id":{"S":"note-1)", body);
    int const limit = number_behind(R"("Limit":)", body);
    int const last = std::min({all, first + notes_of_a_megabyte, limit > 0 ? first + limit : all});
    std::string const count = R"("Count":)" + std::to_string(last - first);
    std::string out = '{' + count + R"(,"Items":[)";
    for (int i = first; i < last; ++i) {
        if (i != first) out += ',';
        out += '{' + s("id", "note-" + std::to_string(1'000'000 + i + 1) + '-' + writer) + ',' +
               s("writer_id", writer) + ',' + s("title", "a title of some words") + ',' + s("text", words) +
               R"(,"created_at":{"S":"2026-01-02T03:04:05.678Z"},"likes":{"N":"17"}})";
    }
    out += R"(],"Scanned)" + count.substr(1);
    if (last < all)
        out += R"(,"LastEvaluatedKey":{)" + s("id", "note-" + std::to_string(1'000'000 + last)) + ',' +
               s("writer_id", writer) + '}';
    return out + '}';
}

std::string query_answer(std::string_view body) {
    std::string const key(operand(body));
    std::string items;
    int count = 0;
    auto const add = [&](std::string const& item) {
        if (count++) items += ',';
        items += '{' + item + '}';
    };
    if (body.find(R"("notes")") != std::string_view::npos) {
        return notes_answer(key, body);
    } else if (body.find(R"("writers_tags#)") != std::string_view::npos) {
        // "writers_tags#writer-1000007-10": ten links, to tags that others have too.
        int const writer = number_behind("writer-1", key);
        for (int i = 0; i < 10; ++i) {
            std::string const tag = "tag-" + std::to_string(1'000'000 + (writer * 10 + i) % 10'007);
            add(s("pk", key) + ',' + s("sk", tag) + ',' + s("id_right", tag) + ',' + s("pivot_key", "writers_tags") +
                ',' + s("created_at", "2026-01-02T03:04:05.678Z") + R"(,"extra":{"M":{}})");
        }
    } else if (body.find(R"("profiles")") != std::string_view::npos) {
        add(s("id", "p-" + key) + ',' + s("user_id", key) + ',' + s("text", "a few words about somebody"));
    } else if (body.find(R"("posts")") != std::string_view::npos) {
        for (int i = 0; i < posts_of_user; ++i)
            add(s("id", key + "-" + std::to_string(i)) + ',' + s("author_id", key) + ',' + s("title", "a title"));
    } else if (body.find(R"("comments")") != std::string_view::npos) {
        for (int i = 0; i < comments_of_post; ++i)
            add(s("id", key + "-c" + std::to_string(i)) + ',' + s("post_id", key) + ',' + s("text", "a comment"));
    } else if (body.find(R"("pivots")") != std::string_view::npos) {
        int number = 0;
        auto const at = key.find_last_not_of("0123456789");
        std::from_chars(key.data() + at + 1, key.data() + key.size(), number);
        for (int i = 0; i < 2; ++i)
            add(s("pk", key) + ',' + s("sk", "role-" + std::to_string((number + i) % 20)) + ',' +
                s("id_right", "role-" + std::to_string((number + i) % 20)) + ',' + s("pivot_key", "users_roles") + ',' +
                s("created_at", "2026-01-02T03:04:05.678Z") + R"(,"extra":{"M":{}})");
    }
    // In the service's order.
    return R"({"Count":)" + std::to_string(count) + R"(,"Items":[)" + items + R"(],"ScannedCount":)" +
           std::to_string(count) + '}';
}

/// Answers a BatchGetItem: every key exists, and an entity of any table has a name.
std::string batch_answer(std::string_view body) {
    std::string out = R"({"Responses":{)";
    std::size_t at = body.find(R"("RequestItems":{)") + 16;
    bool first_table = true;
    while (at < body.size() && body[at] == '"') {
        auto const end = body.find('"', at + 1);
        if (!first_table) out += ',';
        first_table = false;
        out += body.substr(at, end - at + 1);
        out += ":[";
        auto const close = body.find(']', end);
        std::string_view const table = body.substr(at + 1, end - at - 1);
        bool const long_items = table == "writers" || table == "tags";
        bool first = true;
        for (auto key = body.find(R"({"id":)", end); key < close; key = body.find(R"({"id":)", key + 1)) {
            if (!first) out += ',';
            first = false;
            auto const value_end = body.find("}}", key);
            out += body.substr(key, value_end - key + 1);
            if (long_items)
                out += ',' + s("email", "somebody@mail.example.org") + ',' + s("about", words) + ',' +
                       s("city", "Dunedin") + R"(,"created_at":{"S":"2026-01-02T03:04:05.678Z"},"likes":{"N":"17"}})";
            else
                out += R"(,"name":{"S":"a name"}})";
        }
        out += ']';
        at = close + 2; // ]}
        if (at < body.size() && body[at] == ',') ++at;
    }
    return out + R"(},"UnprocessedKeys":{}})";
}

class server {
public:
    server(asio::io_context& io, std::chrono::microseconds latency)
        : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), latency_(latency),
          get_item_(http_answer(bench::get_item_body())), put_item_(http_answer(bench::put_item_body())),
          batch_(http_answer(bench::batch_body())), nothing_unprocessed_(http_answer(R"({"UnprocessedItems":{}})")) {
        for (std::size_t i = 0; i < shapes_.size(); ++i)
            shapes_[i] = http_answer(R"({"Item":)" + bench::shape_item(bench::shape_names[i]) + '}');
    }

    [[nodiscard]] unsigned port() const { return acceptor_.local_endpoint().port(); }
    void stop() { acceptor_.close(); }

    asio::awaitable<void> run() {
        for (;;) {
            auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            socket.set_option(tcp::no_delay(true));
            asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
        }
    }

private:
    asio::awaitable<void> serve(tcp::socket socket) {
        std::vector<char> buffer(1024 * 1024); // a PutItem has 400 KB at most
        std::size_t have = 0;
        asio::steady_timer timer(socket.get_executor());
        std::string made;
        for (;;) {
            std::string_view text(buffer.data(), have);
            auto const head_end = text.find("\r\n\r\n");
            std::size_t length = 0;
            if (head_end != std::string_view::npos) {
                // dynasio writes the header like this; the SDKs of bench/peers write it in lower case.
                constexpr std::string_view name = "\r\nContent-Length: ";
                auto at = text.find(name);
                if (at > head_end) at = text.find("\r\ncontent-length: ");
                if (at > head_end) co_return;
                std::from_chars(buffer.data() + at + name.size(), buffer.data() + head_end, length);
            }
            if (head_end == std::string_view::npos || have < head_end + 4 + length) {
                if (have == buffer.size()) co_return;
                auto const [ec, n] = co_await socket.async_read_some(
                    asio::buffer(buffer.data() + have, buffer.size() - have), asio::as_tuple(asio::use_awaitable));
                if (ec) co_return;
                have += n;
                continue;
            }
            std::string_view const body = text.substr(head_end + 4, length);
            std::string const* answer = &get_item_;
            if (text.substr(0, head_end).find(".BatchGetItem") != std::string_view::npos) {
                answer = &batch_;
                if (body.find(R"("accounts")") == std::string_view::npos) {
                    made = http_answer(batch_answer(body));
                    answer = &made;
                }
            } else if (text.substr(0, head_end).find(".BatchWriteItem") != std::string_view::npos) {
                answer = &nothing_unprocessed_;
            } else if (text.substr(0, head_end).find(".PutItem") != std::string_view::npos ||
                       text.substr(0, head_end).find(".UpdateItem") != std::string_view::npos) {
                answer = &put_item_;
            } else if (text.substr(0, head_end).find(".Scan") != std::string_view::npos) {
                scan_.answer(body, made);
                answer = &made;
            } else if (text.substr(0, head_end).find(".Query") != std::string_view::npos) {
                made = http_answer(query_answer(body));
                answer = &made;
            }
            if (answer == &get_item_) {
                constexpr std::string_view marker = R"("shape_)";
                if (auto const at = body.find(marker); at != std::string_view::npos)
                    for (std::size_t i = 0; i < shapes_.size(); ++i)
                        if (body.substr(at + marker.size()).starts_with(bench::shape_names[i])) answer = &shapes_[i];
            }
            have -= head_end + 4 + length;
            std::memmove(buffer.data(), buffer.data() + head_end + 4 + length, have);
            if (latency_.count() > 0) {
                timer.expires_after(latency_);
                co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            }
            auto const [ec, n] =
                co_await asio::async_write(socket, asio::buffer(*answer), asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
        }
    }

    tcp::acceptor acceptor_;
    std::chrono::microseconds latency_;
    std::string get_item_;
    std::string put_item_;
    std::string batch_;
    std::string nothing_unprocessed_;
    scan_pages scan_;
    std::array<std::string, bench::shape_names.size()> shapes_;
};

asio::awaitable<void> wait_for_end(asio::io_context& io) {
    asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
    char byte = 0;
    for (;;) {
        auto const [ec, n] =
            co_await input.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::use_awaitable));
        if (ec) break;
    }
    io.stop();
}

} // namespace

int main(int argc, char** argv) {
    std::chrono::microseconds latency{0};
    int cpu = -1;
    bool awake = false;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::string_view(argv[i]) == "--latency-us") latency = std::chrono::microseconds(std::atoi(argv[i + 1]));
        if (std::string_view(argv[i]) == "--awake") awake = std::atoi(argv[i + 1]) != 0;
        if (std::string_view(argv[i]) == "--cpu") cpu = std::atoi(argv[i + 1]);
    }
    if (cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(static_cast<unsigned>(cpu), &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    asio::io_context io(1);
    server all(io, latency);
    std::printf("%u\n", all.port());
    std::fflush(stdout);
    auto const start = std::chrono::steady_clock::now();
    asio::co_spawn(io, all.run(), asio::detached);
    asio::co_spawn(io, wait_for_end(io), asio::detached);
    if (awake)
        while (!io.stopped()) io.poll();
    else
        io.run();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    double const cpu_seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                               static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    std::printf("%.3f %.3f\n", cpu_seconds,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}
