// Attributes that nobody reads who has the table alone: the diagnosis of a patient is stored encrypted, with a key that
// a coroutine supplies. It is encrypted by a hook before each save and decrypted by a hook after each read, so the rest
// of the program does not notice.
//
// The tables get a prefix of their own for each run and are dropped at the end, whether the steps succeeded or not.
//
// Left out: a real key management service, and a cache for its answers; `fetch_key` stands for both.

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <iostream>
#include <string>

#include "sealed.hpp"

namespace asio = boost::asio;

//[model
struct Patient {
    std::string id{}, name{};
    sealed::secret diagnosis{};
    std::uint64_t version{};
};

constexpr auto dynasio_schema(dynasio::tag<Patient>) {
    using namespace dynasio::dsl;
    return entity<Patient>(
        table{"patients"}, partition_key<&Patient::id>, version<&Patient::version>,
        // The value is bound to the key, so the key must be known by then.
        before_save([](Patient& p) { return seal(p.diagnosis, sealed::place("patients", p.id, "diagnosis")); }),
        after_read([](Patient& p) { return open(p.diagnosis, sealed::place("patients", p.id, "diagnosis")); }));
}
//]

namespace {

using namespace dynasio::dsl;
namespace ddb = dynasio::dynamodb;

/// Stands for a key management service: the answer comes later, and each name has a key of its own.
asio::awaitable<sealed::cipher_key> fetch_key(std::string name) {
    auto waiting = asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_await std::move(waiting);
    sealed::cipher_key made{};
    unsigned size = 0;
    std::string const seed = "example key " + name;
    if (EVP_Digest(seed.data(), seed.size(), made.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("no key " + name);
    co_return made;
}

asio::awaitable<void> treat(dynasio::client db, std::string table, sealed::key_ring& keys) {
    repository<Patient> patients{db};
    Patient ann;
    ann.id = "ann";
    ann.name = "Ann";
    ann.diagnosis.text = "a broken heart";
    co_await patients.create(ann);

    ddb::get_item_request const stored_ann(table, ddb::item{{"id", "ann"}});
    auto const raw = co_await db.get_item(stored_ann);
    std::cout << "stored as bytes: " << (raw.item->at("diagnosis").type() == ddb::attribute_type::binary) << '\n';
    auto const read = co_await patients.get("ann");
    std::cout << "read: " << read.diagnosis.text << '\n';

    // A new key: what was encrypted with the old one still opens, and the next change is encrypted with the new one.
    keys.use("2027");
    Patient again = co_await patients.get("ann");
    again.diagnosis.text = "mended";
    co_await patients.save(again);
    std::cout << "key of the diagnosis: " << sealed::key_name_of(again.diagnosis.stored) << '\n';

    // Somebody who can write the table copies the value to another patient.
    Patient bob;
    bob.id = "bob";
    bob.name = "Bob";
    co_await patients.create(bob);
    auto const anns = co_await db.get_item(stored_ann);
    ddb::item forged{{"id", "bob"}, {"name", "Bob"}};
    forged.emplace("diagnosis", anns.item->at("diagnosis"));
    ddb::put_item_request const forgery(table, forged);
    co_await db.put_item(forgery);
    auto const found = co_await dynasio::as_result(patients.find("bob"));
    std::cout << "the copy is refused: " << found.has_error() << '\n';
}

asio::awaitable<void> run(dynasio::client db, std::string table, sealed::key_ring& keys) {
    co_await dynasio::create_tables<Patient>(db);
    auto done = co_await dynasio::as_result(treat(db, table, keys));
    auto dropped = co_await dynasio::as_result(dynasio::drop_tables<Patient>(db));
    done.value(); // throws what went wrong
    dropped.value();
}

} // namespace

int main() try {
    asio::io_context io;
    auto& keys = asio::make_service<sealed::key_ring>(io, "2026", fetch_key);
    dynasio::client_options options;
    options.table_prefix = "encryption_" + dynasio::ulid_generator().next() + "_";
    std::exception_ptr failed;
    asio::co_spawn(io, run(dynasio::client(io, options), options.table_prefix + "patients", keys),
                   [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
} catch (std::exception const& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 1;
}
