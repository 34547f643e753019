// The smallest complete program: two entities that know each other, saved, then read back with one eager load.
//
// Endpoint, region and credentials come from the environment, as for every client: DYNAMODB_ENDPOINT, AWS_REGION,
// AWS_ACCESS_KEY_ID and so on. The tables are called minimal_users and minimal_posts and are dropped at the end.
//
// Left out: errors as values (as_result: examples/shop), versions, indexes with a sort key, a program that goes on
// living (examples/server).

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/schema.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

//[readme
struct Post;

struct User {
    std::string id{}; // a ULID, made by the first save
    std::string name{};
    dynasio::has_many<Post> posts{};
};

struct Post {
    std::string id{}, author_id{}, title{};
    dynasio::belongs_to<User> author{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(partition_key<&User::id>, relate<&User::posts>(by<&Post::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio::dsl;
    return entity<Post>(partition_key<&Post::id>, gsi<&Post::author_id>{"by_author"},
                        relate<&Post::author>(by<&Post::author_id>));
}

asio::awaitable<void> blog(dynasio::client db) {
    dynasio::repository<User> users(db);
    dynasio::repository<Post> posts(db);

    User ann{.name = "Ann"};
    co_await users.save(ann);
    for (int number = 1; number <= 3; ++number) {
        Post post{.author_id = ann.id, .title = "Letter " + std::to_string(number)};
        co_await posts.save(post);
    }

    auto const found = co_await users.find(ann.id, dynasio::with<&User::posts>(dynasio::newest_first));
    if (!found) co_return;
    std::cout << found->name << " wrote " << found->posts.size() << " posts\n";
    for (Post const& post : found->posts) std::cout << "  " << post.title << '\n'; // loaded: no request
}
//]

asio::awaitable<void> run(dynasio::client db) {
    co_await dynasio::create_tables<User, Post>(db);
    co_await blog(db);
    co_await dynasio::drop_tables<User, Post>(db);
}

int main() try {
    asio::io_context io;
    dynasio::client_options options;
    options.table_prefix = "minimal_";
    std::exception_ptr failed;
    asio::co_spawn(io, run(dynasio::client(io, options)), [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
} catch (std::exception const& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 1;
}
