// Measures the memory of loads with an allocator that counts: the most bytes that are in use while a load runs, and the
// bytes of what it gives. A program of its own, because counting takes time. Prints a line for each shape:
// NAME|ENTITIES|PEAK BYTES|BYTES OF THE RESULT.

#include <dynasio/orm/repository.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <malloc.h>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.hpp"
#include "measure.hpp"
#include "memory_records.hpp"
#include "records.hpp"

namespace {

// The program has one thread.
std::size_t in_use = 0;
std::size_t most_in_use = 0;

void* counted(void* p) {
    if (p == nullptr) throw std::bad_alloc();
    in_use += malloc_usable_size(p);
    most_in_use = std::max(most_in_use, in_use);
    return p;
}
void discount(void* p) noexcept {
    in_use -= malloc_usable_size(p);
    std::free(p);
}

} // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t align) {
    auto const to = static_cast<std::size_t>(align);
    return counted(std::aligned_alloc(to, (size + to - 1) / to * to));
}
void operator delete(void* p) noexcept { discount(p); }
void operator delete(void* p, std::size_t) noexcept { discount(p); }
void operator delete(void* p, std::align_val_t) noexcept { discount(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { discount(p); }

namespace bench {

namespace asio = boost::asio;
using namespace dynasio::dsl;

namespace {

constexpr std::size_t entities = 100'000;

/// What the id of a writer ends with: all ids are of one length, so that all answers of one number of items are.
std::string end_of_id(std::size_t notes) { return '-' + std::to_string(1'000'000 + notes).substr(1); }
std::string writer_id(std::size_t k, std::size_t notes) {
    return "writer-" + std::to_string(1'000'000 + k) + end_of_id(notes);
}
std::vector<Writer> make_writers(std::size_t count, std::size_t notes_of_each) {
    std::vector<Writer> made(count);
    for (std::size_t k = 0; k < count; ++k) made[k].id = writer_id(k, notes_of_each);
    return made;
}

void require(bool right) {
    if (!right) throw std::runtime_error("a load did not give what it has to");
}

/// Frees what a vector has. `v = {}` would keep its memory.
template <class T> void clear(std::vector<T>& v) { v = std::vector<T>(); }

// ---- the shapes: each has a number of entities, and loads them into what it then gives up

struct shape {
    std::string_view name;
    /// Prepares what the load begins with.
    std::function<void(std::size_t)> prepare;
    std::function<asio::awaitable<void>(dynasio::client)> load;
    /// Checks the result, and frees it.
    std::function<void()> free;
};

std::vector<Writer> writers;
std::vector<Note> notes;
std::vector<User> users;
std::vector<std::string> keys;
std::vector<std::optional<Writer>> found;
std::vector<Note> queried;

asio::awaitable<void> load_notes(dynasio::client db) {
    repository<Writer> const repository(db);
    auto op = repository.load<&Writer::notes>(writers);
    co_await std::move(op);
}
asio::awaitable<void> load_writers(dynasio::client db) {
    repository<Note> const repository(db);
    auto op = repository.load<&Note::writer>(notes);
    co_await std::move(op);
}
asio::awaitable<void> load_tags(dynasio::client db) {
    repository<Writer> const repository(db);
    auto op = repository.load<&Writer::tags>(writers);
    co_await std::move(op);
}
asio::awaitable<void> load_users(dynasio::client db) {
    repository<User> const repository(db);
    auto op = repository.load(users, with<&User::profile>(), with<&User::posts>(with<&Post::comments>()),
                              with<&User::country>(), with<&User::roles>(), with<&User::received>());
    co_await std::move(op);
}
asio::awaitable<void> find_writers(dynasio::client db) {
    repository<Writer> const repository(db);
    auto op = repository.find_many(keys);
    found = co_await std::move(op);
}
asio::awaitable<void> find_writers_with_notes(dynasio::client db) {
    repository<Writer> const repository(db);
    auto op = repository.find_many(keys, with<&Writer::notes>());
    found = co_await std::move(op);
}
asio::awaitable<void> query_notes(dynasio::client db) {
    repository<Note> const repository(db);
    auto op = repository.where(field<&Note::writer_id> == writers.front().id).all();
    queried = co_await std::move(op);
}
asio::awaitable<void> stream_notes(dynasio::client db) {
    repository<Note> const repository(db);
    auto pages = repository.where(field<&Note::writer_id> == writers.front().id).pages(1'000);
    std::size_t count = 0;
    for (;;) {
        auto reading = pages.next();
        auto const page = co_await std::move(reading);
        if (!page) break;
        count += page->items.size();
    }
    require(writers.front().id.ends_with(end_of_id(count)));
}

std::vector<shape> shapes_of_loads() {
    auto const free_writers = [] {
        for (Writer const& w : writers) require(!w.notes.loaded() || w.id.ends_with(end_of_id(w.notes.size())));
        clear(writers);
    };
    auto const make_keys = [](std::size_t count, std::size_t notes_of_each) {
        for (std::size_t k = 0; k < count; ++k) keys.push_back(writer_id(k, notes_of_each));
    };
    auto const free_found = [] {
        for (auto const& one : found) require(one.has_value());
        require(found.size() == keys.size());
        clear(found);
        clear(keys);
    };
    std::vector<shape> all;
    all.push_back(
        {"children of one parent", [](std::size_t n) { writers = make_writers(1, n); }, load_notes, free_writers});
    all.push_back({"children of parents that have 100 each",
                   [](std::size_t n) { writers = make_writers(n / 100, 100); }, load_notes, free_writers});
    all.push_back({"children of parents that have 10 each", [](std::size_t n) { writers = make_writers(n / 10, 10); },
                   load_notes, free_writers});
    all.push_back({"targets of belongs_to",
                   [](std::size_t n) {
                       notes.resize(n);
                       for (std::size_t k = 0; k < n; ++k) notes[k].writer_id = writer_id(k, 0);
                   },
                   load_writers,
                   [] {
                       for (Note const& n : notes) require(n.writer.has_value());
                       clear(notes);
                   }});
    all.push_back({"links, ten to each entity", [](std::size_t n) { writers = make_writers(n / 10, 10); }, load_tags,
                   [] {
                       for (Writer const& w : writers) require(w.tags.size() == 10);
                       clear(writers);
                   }});
    all.push_back({"found by key", [&](std::size_t n) { make_keys(n, 0); }, find_writers, free_found});
    all.push_back({"found by key, with ten children each", [&](std::size_t n) { make_keys(n / 11, 10); },
                   find_writers_with_notes, free_found});
    all.push_back({"found by a query", [](std::size_t n) { writers = make_writers(1, n); }, query_notes,
                   [] {
                       require(writers.front().id.ends_with(end_of_id(queried.size())));
                       clear(writers);
                       clear(queried);
                   }});
    all.push_back({"five kinds of relations",
                   [](std::size_t n) {
                       users.resize(n / 11);
                       for (std::size_t k = 0; k < users.size(); ++k) {
                           users[k].id = "user-" + std::to_string(k);
                           users[k].country_id = "country-" + std::to_string(k % 50);
                       }
                   },
                   load_users,
                   [] {
                       for (User const& u : users)
                           require(u.posts.size() == 2 && u.posts[1].comments.size() == 2 && u.received.size() == 4 &&
                                   u.country && u.roles.size() == 2 && u.profile);
                       clear(users);
                   }});
    all.push_back(
        {"streamed", [](std::size_t n) { writers = make_writers(1, n); }, stream_notes, [] { clear(writers); }});
    return all;
}

/// Loads a shape and prints what it took. What the load begins with is not counted.
void measure(asio::io_context& io, dynasio::client const& db, shape const& what, std::size_t count) {
    // The first load makes the connections and what else the client keeps.
    what.prepare(count / 10);
    run_to_end(io, what.load(db));
    what.free();

    std::size_t const empty = in_use;
    what.prepare(count);
    std::size_t const before = in_use;
    most_in_use = in_use;
    run_to_end(io, what.load(db));
    std::size_t const peak = most_in_use - before;
    std::size_t const loaded = in_use;
    what.free();
    std::size_t const result = (loaded - in_use) - (before - empty);
    std::printf("%s|%zu|%zu|%zu\n", std::string(what.name).c_str(), count, peak, result);
    std::fflush(stdout);
}

} // namespace

void run(std::string_view only) {
    server_process server(std::chrono::microseconds(0), -1);
    asio::io_context io(1);
    auto options = options_for(server.url());
    options.timeout = std::chrono::minutes(10); // how long it takes does not matter
    dynasio::client db(io, std::move(options));
    for (auto const& what : shapes_of_loads()) {
        if (what.name.find(only) == std::string_view::npos) continue;
        measure(io, db, what, entities);
        if (what.name == "streamed") measure(io, db, what, entities / 4);
    }
    db.stop();
}

} // namespace bench

int main(int argc, char** argv) {
    try {
        bench::run(argc > 1 ? std::string_view(argv[1]) : std::string_view());
    } catch (std::exception const& e) {
        std::fprintf(stderr, "dynasio_bench_memory: %s\n", e.what());
        return 1;
    }
}
