// A blog: users, profiles, posts, comments and roles. A few hundred of them are saved concurrently, loaded as a graph
// with nested constraints, and loaded again one by one for contrast. Prints what was loaded, the plan with its
// estimates and what it took beside them, the requests and the times, and draws the load as an SVG file.
//
//     example_blog [--latency MS] [--users N] [--timeline FILE]
//
// A server on the same machine answers in a fraction of a millisecond, which hides what waiting costs elsewhere. Unless
// told otherwise (--latency 0), the example puts dynasio's fault endpoint in front of a server that DYNAMODB_ENDPOINT
// names, and lets it add 5 ms to each request. Amazon's own endpoint is used as it is.
//
// Errors are shown in both forms: as values (as_result) and as exceptions. Interrupted or failed, the program still
// drops its tables.
//
// Left out: pages (query::page), several processes, authentication of users.

#include <dynasio/testing/fault_endpoint.hpp>

#include <dynasio/orm/load_assumptions.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/load_timeline.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repeated_reads.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/request_counts.hpp>

#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>
#include <unistd.h>

#include "concurrently.hpp"
#include "data.hpp"
#include "model.hpp"
#include "tree.hpp"

namespace asio = boost::asio;

namespace {

using namespace blog;
using dynasio::as_result;
using dynasio::client;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::repository;
using dynasio::with;
using stopwatch = std::chrono::steady_clock;

static_assert(dynasio::verify<User, Profile, Post, Comment, Role>());

constexpr std::size_t at_once = 32;

double milliseconds_since(stopwatch::time_point start) {
    return std::chrono::duration<double, std::milli>(stopwatch::now() - start).count();
}

/// Flushed, so that a reader of a pipe sees how far it is.
void heading(std::string_view text) { std::cout << "\n── " << text << std::endl; }

/// A line that fills up while entities of one kind are saved; on anything but a terminal it appears when it is full.
class progress_bar {
public:
    progress_bar(std::string_view name, std::size_t total) : name_(name), total_(total) {}

    void step() {
        ++done_;
        if (done_ == total_ || (is_terminal_ && done_ * width % total_ < width)) draw();
    }

private:
    static constexpr std::size_t width = 30;

    void draw() const {
        auto const full = done_ * width / total_;
        std::cout << "   " << std::left << std::setw(12) << name_ << std::right;
        for (std::size_t i = 0; i < width; ++i) std::cout << (i < full ? "█" : "░");
        std::cout << std::setw(5) << done_;
        if (done_ == total_)
            std::cout << std::setw(9) << std::fixed << std::setprecision(1) << milliseconds_since(start_) << " ms\n";
        else
            std::cout << '\r' << std::flush;
    }

    std::string_view name_;
    std::size_t total_, done_ = 0;
    bool is_terminal_ = ::isatty(STDOUT_FILENO) == 1;
    stopwatch::time_point start_ = stopwatch::now();
};

/// Awaits one operation and moves the bar.
asio::awaitable<void> then_step(asio::awaitable<void> op, progress_bar& bar) {
    co_await std::move(op);
    bar.step();
}

template <class T> asio::awaitable<void> create_all(client db, std::string_view name, std::vector<T>& entities) {
    repository<T> const all(db);
    progress_bar bar(name, entities.size());
    auto const create = [&](std::size_t i) { return then_step(all.create(entities[i]), bar); };
    co_await concurrently(entities.size(), at_once, create);
}

/// Saves everything; what refers to something else waits until that has its id.
asio::awaitable<void> save(client db, dataset& data) {
    co_await create_all(db, "roles", data.roles);
    co_await create_all(db, "users", data.users);

    for (std::size_t i = 0; i < data.users.size(); ++i) data.profiles[i].user_id = data.users[i].id;
    co_await create_all(db, "profiles", data.profiles);

    for (std::size_t i = 0; i < data.posts.size(); ++i) data.posts[i].author_id = data.users[data.authors[i]].id;
    co_await create_all(db, "posts", data.posts);

    std::vector<Comment> comments;
    for (auto& draft : data.comments) {
        draft.comment.post_id = data.posts[draft.post].id;
        draft.comment.author_id = data.users[draft.author].id;
        comments.push_back(draft.comment);
    }
    co_await create_all(db, "comments", comments);

    repository<User> const users(db);
    progress_bar bar("memberships", data.memberships.size());
    auto const attach = [&](std::size_t i) {
        auto const& m = data.memberships[i];
        auto const roles = users.related<&User::roles>(data.users[m.user]);
        return then_step(roles.attach(data.roles[m.role], dynasio::pivot("level", m.level, "granted_by", "system")),
                         bar);
    };
    co_await concurrently(data.memberships.size(), at_once, attach);
}

/// The graph that both loads bring: active users with profile, roles, what they received, and their newest live posts
/// with comments and these comments' authors.
dynasio::query<User> active_users(client const& db, dynasio::load_assumptions const& assumed) {
    return repository<User>(db).where(field<&User::status> == "active", assumed, with<&User::profile>(),
                                      with<&User::roles>(), with<&User::received>(),
                                      with<&User::posts>(field<&Post::status> == "live", newest_first, limit(3),
                                                         with<&Post::comments>(with<&Comment::author>())));
}

/// The same, each relation when it is needed: how the code turns out when nobody thinks of the requests.
asio::awaitable<std::vector<User>> load_one_by_one(client db) {
    repository<User> const users(db);
    repository<Post> const posts(db);
    repository<Comment> const comments(db);

    auto found = co_await users.where(field<&User::status> == "active").all();
    for (User& user : found) {
        co_await users.load<&User::profile>(user);
        co_await users.load<&User::roles>(user);
        co_await users.load<&User::received>(user);
        auto newest =
            co_await posts
                .where(field<&Post::author_id> == user.id, field<&Post::status> == "live", newest_first, limit(3))
                .all();
        for (Post& post : newest) {
            auto below = co_await comments.where(field<&Comment::post_id> == post.id).all();
            for (Comment& comment : below) co_await comments.load<&Comment::author>(comment);
            post.comments.set(std::move(below));
        }
        user.posts.set(std::move(newest));
    }
    co_return found;
}

/// What is known of the data before anything is read.
dynasio::load_assumptions assumptions_about(dataset const& data) {
    auto const each = [](std::size_t parts, std::size_t whole) {
        return static_cast<double>(parts) / static_cast<double>(whole);
    };
    auto const active =
        std::count_if(data.users.begin(), data.users.end(), [](User const& user) { return user.status == "active"; });
    return dynasio::load_assumptions()
        .roots(static_cast<double>(active))
        .children("User.posts", each(data.posts.size(), data.users.size()))
        .children("Post.comments", each(data.comments.size(), data.posts.size()))
        .children("User.roles", each(data.memberships.size(), data.users.size()))
        .total("User", static_cast<double>(data.users.size()))
        .total("Role", static_cast<double>(data.roles.size()))
        .item_size(200);
}

void write_timeline(dynasio::load_timeline const& timeline, std::filesystem::path const& path) {
    std::ofstream file(path);
    file << to_svg(timeline);
    file.close();
    if (!file) throw std::runtime_error("the timeline cannot be written to " + path.string());
}

std::string whole_tree(std::vector<User> const& users) {
    std::ostringstream out;
    print_tree(out, users, everything);
    return out.str();
}

/// Breaks a long line between words.
void print_wrapped(std::string_view label, std::string_view text) {
    constexpr std::size_t width = 100;
    std::cout << "   " << std::left << std::setw(11) << label << std::right;
    while (text.size() > width) {
        auto const space = text.rfind(' ', width);
        auto const cut = space == std::string_view::npos ? width : space;
        std::cout << text.substr(0, cut) << '\n' << std::string(14, ' ');
        text.remove_prefix(space == std::string_view::npos ? cut : cut + 1);
    }
    std::cout << text << '\n';
}

asio::awaitable<void> show_errors(client db, dataset& data) {
    heading("What goes wrong is a value, or an exception");
    repository<User> const users(db);
    User& user = data.users.front();
    User stale = user;

    co_await users.save(user); // the stored version moves on
    auto const conflict = co_await as_result(users.save(stale));
    if (conflict.has_error()) print_wrapped("value", conflict.error().to_string());
    auto const twice = co_await as_result(users.create(user));
    if (twice.has_error()) print_wrapped("value", twice.error().to_string());
    try {
        std::cout << user.posts.size(); // no load has filled it, and reading never sends a request
    } catch (dynasio::error const& e) {
        print_wrapped("exception", e.what());
    }
}

void print_figures(std::string_view name, std::uint64_t requests, std::uint64_t in_flight, double milliseconds) {
    std::cout << "   " << std::left << std::setw(28) << name << std::right << std::setw(8) << requests << std::setw(14)
              << in_flight << std::setw(12) << std::fixed << std::setprecision(1) << milliseconds << " ms\n";
}

/// Loads a relation user by user until the guard says what that is.
asio::awaitable<void> show_guard(client db, std::vector<User>& users) {
    heading("A relation read user by user is found out");
    repository<User> const watched(dynasio::watch_repeated_reads(db, dynasio::repeated_reads(3).fail()));
    for (User& user : users) {
        auto const outcome = co_await as_result(watched.load<&User::profile>(user, dynasio::reload));
        if (!outcome.has_error()) continue;
        print_wrapped("value", outcome.error().to_string());
        break;
    }
}

asio::awaitable<void> run(client db, dataset& data, std::filesystem::path const& drawing) {
    heading("Creating tables");
    co_await dynasio::create_tables<User, Profile, Post, Comment, Role>(db);
    std::cout << "   all active\n";

    heading("Saving, " + std::to_string(at_once) + " at a time");
    auto const saving = stopwatch::now();
    auto const before_saving = db.requests().total();
    co_await save(db, data);
    std::cout << "   " << db.requests().total() - before_saving << " requests in " << std::fixed << std::setprecision(1)
              << milliseconds_since(saving) << " ms\n";

    dynasio::load_report report;
    dynasio::load_timeline timeline;
    auto const query = active_users(db, assumptions_about(data));
    auto const before_loading = db.requests().total();
    heading("The plan with estimates, before anything is sent");
    std::cout << query.explain();
    if (db.requests().total() != before_loading) throw std::logic_error("explain() has sent something");

    auto loaded = co_await query.report(report).timeline(timeline).all();
    heading("What it brought");
    print_tree(std::cout, loaded, excerpt{2, 3, 2});
    heading("What was expected of each part, and what it took");
    std::cout << to_table(report.reads);
    heading("When it did what");
    std::cout << to_text(timeline, 12);
    write_timeline(timeline, drawing);
    std::cout << "   drawn in " << drawing.string() << '\n';

    auto const before = db.requests().total();
    auto const start = stopwatch::now();
    auto const one_by_one = co_await load_one_by_one(db);
    auto const slow = milliseconds_since(start);
    auto const slow_requests = db.requests().total() - before;
    auto const fast = std::chrono::duration<double, std::milli>(report.wall_time).count();

    heading("Against the same graph, loaded relation by relation");
    std::cout << "   " << std::left << std::setw(28) << "" << std::right << std::setw(8) << "requests" << std::setw(14)
              << "most at once" << std::setw(15) << "time" << '\n';
    print_figures("one load with with<…>", report.requests(), report.max_in_flight, fast);
    print_figures("one by one, as needed", slow_requests, 1, slow);
    std::cout << "   " << std::setprecision(1)
              << static_cast<double>(slow_requests) / static_cast<double>(report.requests()) << " times the requests, "
              << slow / fast << " times the time; the graphs are "
              << (whole_tree(loaded) == whole_tree(one_by_one) ? "equal" : "DIFFERENT") << '\n';
    if (whole_tree(loaded) != whole_tree(one_by_one)) throw std::logic_error("the two loads brought different graphs");

    co_await show_guard(db, loaded);
    co_await show_errors(db, data);
}

// ---- the program around it

struct settings {
    std::chrono::milliseconds latency{5};
    std::size_t users = 40;
    std::filesystem::path timeline{};
};

constexpr std::string_view usage =
    "usage: example_blog [--latency MS] [--users N] [--timeline FILE]\n"
    "  --latency MS     added to each request to a local server, 0 to 1000 (5)\n"
    "  --users N        1 to 1000 (40)\n"
    "  --timeline FILE  the drawing of the load (blog_timeline.svg beside this program)\n";

std::optional<settings> parse(int argc, char** argv) {
    settings parsed;
    parsed.timeline = std::filesystem::path(argv[0]).parent_path() / "blog_timeline.svg";
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) return std::nullopt;
        std::string_view const name(argv[i]), text(argv[i + 1]);
        if (name == "--timeline" && !text.empty()) {
            parsed.timeline = text;
            continue;
        }
        unsigned value = 0;
        auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (code != std::errc() || end != text.data() + text.size() || value > 1000) return std::nullopt;
        if (name == "--latency")
            parsed.latency = std::chrono::milliseconds(value);
        else if (name == "--users" && value > 0)
            parsed.users = value;
        else
            return std::nullopt;
    }
    return parsed;
}

/// Runs until `work` is finished; SIGINT and SIGTERM cancel it.
void run_to_end(asio::io_context& io, asio::awaitable<void> work) {
    asio::cancellation_signal stop;
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code ec, int) {
        if (!ec) stop.emit(asio::cancellation_type::terminal);
    });
    std::exception_ptr failed;
    asio::co_spawn(io, std::move(work), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) {
                       failed = e;
                       signals.cancel();
                   }));
    io.restart();
    io.run();
    if (failed) std::rethrow_exception(failed);
}

} // namespace

int main(int argc, char** argv) try {
    auto const wanted = parse(argc, argv);
    if (!wanted) {
        std::cerr << usage;
        return 2;
    }

    dynasio::client_options options;
    options.table_prefix = "blog_" + dynasio::ulid_generator().next().substr(20) + "_"; // two runs at once do not meet
    std::unique_ptr<dynasio::testing::fault_endpoint> endpoint;
    char const* const local = std::getenv("DYNAMODB_ENDPOINT");
    if (wanted->latency.count() > 0 && local && std::string_view(local).starts_with("http://")) {
        dynasio::testing::fault_endpoint_options slowed;
        slowed.upstream = local;
        slowed.latency = wanted->latency;
        endpoint = std::make_unique<dynasio::testing::fault_endpoint>(slowed);
        options.endpoint = endpoint->url();
    }

    asio::io_context io;
    client const db(io, options);
    std::cout << "endpoint " << (endpoint ? local : db.options().endpoint) << ", region " << db.options().region;
    if (endpoint) std::cout << ", " << wanted->latency.count() << " ms added to each request";
    std::cout << '\n';

    auto data = make_dataset(wanted->users);
    int status = 0;
    try {
        run_to_end(io, run(db, data, wanted->timeline));
    } catch (std::exception const& e) {
        std::cerr << "\nerror: " << e.what() << '\n';
        status = 1;
    }
    heading("Dropping the tables");
    run_to_end(io, dynasio::drop_tables<User, Profile, Post, Comment, Role>(db));
    std::cout << "   done\n";
    return status;
} catch (std::exception const& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 1;
}
