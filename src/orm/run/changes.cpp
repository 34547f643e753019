#include <dynasio/orm/detail/change_reader.hpp>

#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include <dynasio/http/deadline.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../type/bad_item_filter.hpp"
#include "../type/item_values.hpp"
#include "../type/stream_views.hpp"
#include "../wire/shard_reader.hpp"
#include "../wire/table_name.hpp"
#include "hooks.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::operation;
using steady = std::chrono::steady_clock;

/// What the operations of one stream share. Everything happens on the client's executor, and one operation at a time.
class change_reader::shared {
public:
    shared(engine_ptr of, change_spec asked)
        : engine(std::move(of)), spec(std::move(asked)),
          table(physical_table(engine->options().table_prefix, spec.type->table)) {}

    [[nodiscard]] shard_reader::settings settings() const {
        shard_reader::settings made;
        if (spec.idle) made.idle = std::chrono::duration_cast<steady::duration>(*spec.idle);
        made.skips_lost = spec.skips_lost;
        made.table = table;
        made.entity = spec.type->name;
        return made;
    }

    engine_ptr engine;
    change_spec spec;
    std::string table; // physical
    std::optional<shard_reader> reader{};
    bool is_checked = false; // whether the stream holds what is asked of it
    bool taken = false;      // an operation is running
};

namespace {

/// Whether an operation of the stream is running, for its lifetime.
class stream_turn {
public:
    explicit stream_turn(bool& taken) : taken_(taken) {
        if (taken_)
            throw_error(errc::invalid_argument,
                        "one operation at a time: another one of this stream of changes has not completed");
        taken_ = true;
    }
    ~stream_turn() { taken_ = false; }
    stream_turn(stream_turn const&) = delete;
    stream_turn& operator=(stream_turn const&) = delete;

private:
    bool& taken_;
};

[[noreturn]] void refuse_stream(entity_type const& type, std::string const& table, std::string message) {
    diagnostics d;
    d.entity = type.name;
    d.table = table;
    d.message = std::move(message);
    throw_error(errc::no_stream, std::move(d));
}

/// The ARN of the stream of the table.
std::string stream_in(dynamodb::detail::raw_reply const& reply, entity_type const& type, std::string const& table) {
    dynamodb::describe_table_response answer;
    dynamodb::json_reader in(reply.body());
    read_json(in, answer);
    in.finish();
    auto const arn = answer.table ? answer.table->latest_stream_arn : std::nullopt;
    if (!arn || arn->empty())
        refuse_stream(type, table,
                      "the table has no stream of changes: declare streamed<> in the schema and call update_tables(), "
                      "or use a server that has streams");
    return *arn;
}

/// Reads one image of a change.
std::shared_ptr<void> read_image(entity_type const& type, std::optional<std::string> const& image) {
    if (!image) return nullptr;
    auto made = type.storage.make();
    dynamodb::json_reader in(*image);
    type.decode(in, type.storage.append(made.get()));
    return made;
}

/// The key in the order of the table's key.
std::string key_of_change(entity_type const& type, std::string const& keys) {
    item_values found;
    dynamodb::json_reader in(keys);
    type.note_values(in, found);
    std::string key;
    type.encode_key(key, found);
    return key;
}

/// Turns a change into entities. Returns nothing when it does not fit the entity and such items are left out.
std::optional<change_outcome> read_change(change_spec const& spec, std::string const& table, told_change const& told) {
    entity_type const& type = *spec.type;
    change_outcome made;
    made.kind = told.kind;
    made.sequence_number = told.sequence;
    made.at = told.at;
    made.expired = told.expired;
    std::string const* item = &told.keys;
    try {
        made.key = key_of_change(type, told.keys);
        if (told.before) item = &*told.before;
        made.before = read_image(type, told.before);
        if (told.after) item = &*told.after;
        made.after = read_image(type, told.after);
    } catch (error const& e) {
        diagnostics d = e.info();
        add_context(d, {.operation = to_string(operation::get_records), .table = table, .entity = type.name});
        if (d.key.empty()) d.key = made.key.empty() ? told.keys : made.key;
        error const why(e.code(), std::move(d));
        bad_item_policy const& policy = spec.options.bad_items;
        if (!policy.leave_out) throw error(why);
        if (policy.into != nullptr) policy.into->push_back({*item, why.as_failure()});
        return std::nullopt;
    }
    return made;
}

[[noreturn]] void fail_lost(change_spec const& spec, std::string const& table, failure const& why) {
    diagnostics d = *why.info;
    add_context(d, {.table = table, .entity = spec.type->name});
    if (!d.message.empty()) d.message += "; ";
    d.message += "read the table anew and begin with from_start, or go on from the same position with "
                 "on_lost_changes(skip)";
    throw_error(errc::changes_lost, std::move(d));
}

/// The service knows the stream no more: the table was deleted, or its stream was disabled more than 24 hours ago.
bool is_gone(error const& e) {
    return e.code() == service_errc::resource_not_found && e.info().operation == to_string(operation::describe_stream);
}

asio::awaitable<std::string> find_stream(engine_ptr engine, entity_type const* type, std::string table,
                                         call_options call) {
    dynamodb::detail::raw_request raw{operation::describe_table, R"({"TableName":)", true, std::move(call)};
    dynamodb::append_json_string(raw.body, table);
    raw.body += '}';
    raw.reads_whole_answer = true; // stream_in()
    auto asking = engine->perform(std::move(raw));
    auto const reply = co_await std::move(asking);
    co_return stream_in(reply, *type, table);
}

} // namespace

change_reader::change_reader(engine_ptr engine, change_spec spec)
    : shared_(std::make_shared<shared>(std::move(engine), std::move(spec))) {}

namespace {

/// Makes the reader, if there is none yet.
asio::awaitable<void> open_stream(change_reader::shared* s) {
    if (s->reader) co_return;
    if (!s->spec.position.empty()) {
        change_place place = decode_place(*s->spec.type, s->spec.position);
        s->reader.emplace(std::move(place), s->engine->service_time(), s->settings());
        co_return;
    }
    auto finding = find_stream(s->engine, s->spec.type, s->table, s->spec.options.call);
    std::string const stream = co_await std::move(finding);
    auto const from = s->spec.from_now ? shard_reader::beginning::now : shard_reader::beginning::oldest;
    s->reader.emplace(stream, from, s->engine->service_time(), s->settings());
}

/// Checks what the first description of the stream said.
void check_stream(change_reader::shared* s) {
    if (s->is_checked || !s->reader->has_begun()) return;
    shard_reader const& reader = *s->reader;
    if (!reader.table().empty() && reader.table() != s->table)
        throw_error(errc::invalid_cursor, "the position belongs to the table " + reader.table() +
                                              "; use one that position() gave for this table");
    auto const wanted = s->spec.view.value_or(s->spec.type->stream.value_or(stream_view::both_images));
    auto const found = view_of_text(reader.view());
    if (found && !holds(*found, wanted))
        refuse_stream(*s->spec.type, s->table,
                      "the stream holds " + reader.view() + ", and " + std::string(text_of_view(wanted)) +
                          " is asked for: ask for less with seeing(…), or disable the stream with update_table() and "
                          "enable it anew");
    s->is_checked = true;
}

/// Sends one round of requests.
asio::awaitable<void> read_round(change_reader::shared* s) {
    s->reader->begin_round(steady::now());
    auto how = drive_options_of(*s->engine, s->spec.options);
    std::optional<error> gone;
    try {
        auto driving = dynamodb::detail::drive(s->engine, *s->reader, std::move(how));
        co_await std::move(driving);
    } catch (error const& e) {
        if (!is_gone(e)) throw;
        gone.emplace(e);
    }
    if (gone) {
        diagnostics d = gone->info();
        d.message = "the stream is not there any more: the table was deleted, or its stream disabled";
        fail_lost(s->spec, s->table, failure(gone->code(), std::move(d)));
    }
    if (s->reader->lost()) fail_lost(s->spec, s->table, *s->reader->lost());
    check_stream(s);
}

asio::awaitable<void> sleep_until(change_reader::shared* s, steady::time_point at) {
    http::deadline never(s->engine->deadlines(), steady::time_point::max());
    auto sleeping = s->engine->sleep(std::max(at - steady::now(), steady::duration::zero()), never);
    co_await std::move(sleeping);
}

/// Calls the hooks of after_read that are not called while an image is read.
asio::awaitable<void> call_hooks_of_images(entity_type const& type, change_outcome const& of) {
    std::array<void*, 2> const images{of.before.get(), of.after.get()};
    for (void* const image : images) {
        if (image == nullptr) continue;
        auto calling = call_read_hooks(type, type.storage.at(image, 0));
        co_await std::move(calling);
    }
}

asio::awaitable<std::optional<change_outcome>> next_change(std::shared_ptr<change_reader::shared> s,
                                                           std::optional<std::chrono::nanoseconds> patience) {
    s->engine->check_executor(co_await asio::this_coro::executor);
    stream_turn const mine(s->taken);
    auto const now = steady::now();
    auto const until = patience && *patience < steady::time_point::max() - now
                           ? now + std::chrono::duration_cast<steady::duration>(*patience)
                           : steady::time_point::max();
    // A change whose awaited hooks have not succeeded is not taken, so that a hook that fails for a while, as one that
    // asks for a key may, loses none.
    bool const awaits = !s->spec.type->awaited_read_hooks.empty();
    std::optional<change_outcome> found;
    try {
        auto opening = open_stream(s.get());
        co_await std::move(opening);
        for (;;) {
            while (s->is_checked && !found) {
                told_change const* const told = s->reader->front();
                if (told == nullptr) break;
                try {
                    found = read_change(s->spec, s->table, *told);
                } catch (...) {
                    // A change that does not fit its entity, or whose hook throws, counts as given.
                    s->reader->take();
                    throw;
                }
                if (!found || !awaits) s->reader->take();
            }
            if (found || s->reader->ended()) break;
            auto const at = s->reader->next_round();
            if (at > steady::now()) {
                auto sleeping = sleep_until(s.get(), std::min(at, until));
                co_await std::move(sleeping);
                if (at > until) break;
            }
            auto reading = read_round(s.get());
            co_await std::move(reading);
        }
    } catch (error const& e) {
        throw about(e, s->engine, *s->spec.type);
    }
    if (found && awaits) {
        auto calling = call_hooks_of_images(*s->spec.type, *found);
        co_await std::move(calling);
        s->reader->take();
    }
    co_return found;
}

asio::awaitable<void> start_changes(std::shared_ptr<change_reader::shared> s) {
    s->engine->check_executor(co_await asio::this_coro::executor);
    stream_turn const mine(s->taken);
    try {
        auto opening = open_stream(s.get());
        co_await std::move(opening);
        if (!s->is_checked) {
            auto reading = read_round(s.get());
            co_await std::move(reading);
        }
    } catch (error const& e) {
        throw about(e, s->engine, *s->spec.type);
    }
}

} // namespace

asio::awaitable<std::optional<change_outcome>>
change_reader::next(std::optional<std::chrono::nanoseconds> patience) const {
    return begin_operation<std::optional<change_outcome>>(shared_->engine, *shared_->spec.type, [&] {
        check_read_options(shared_->spec.options);
        return next_change(shared_, patience);
    });
}

asio::awaitable<void> change_reader::start() const {
    return begin_operation<void>(shared_->engine, *shared_->spec.type, [&] {
        check_read_options(shared_->spec.options);
        return start_changes(shared_);
    });
}

std::string change_reader::position() const {
    shared const& s = *shared_;
    if (s.reader && s.reader->has_begun()) return encode_place(*s.spec.type, s.reader->place(s.engine->service_time()));
    if (!s.spec.position.empty()) return s.spec.position;
    throw_error(errc::invalid_argument, "the stream of changes has no position before start() or the first next()");
}

bool change_reader::ended() const { return shared_->reader && shared_->reader->ended(); }
std::uint64_t change_reader::gaps() const { return shared_->reader ? shared_->reader->gaps() : 0; }

} // namespace dynasio::detail
