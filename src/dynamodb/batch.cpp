#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/operations/batch_get_item.hpp>
#include <dynasio/dynamodb/operations/batch_write_item.hpp>
#include <dynasio/dynamodb/progress.hpp>

#include <dynasio/http/deadline.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <span>
#include <string_view>
#include <unordered_map>

#include "checks.hpp"
#include "decode.hpp"

namespace dynasio {

namespace asio = boost::asio;
using dynamodb::item;
using dynamodb::operation;
using dynamodb::detail::engine;
using dynamodb::detail::raw_reply;
using dynamodb::detail::raw_request;

namespace {

using steady = std::chrono::steady_clock;

[[noreturn]] void refuse(errc code, operation op, std::string_view table, std::string_view attribute,
                         std::string message) {
    diagnostics d;
    d.message = std::move(message);
    d.operation = to_string(op);
    d.table = table;
    d.attribute = attribute;
    throw_error(code, std::move(d));
}

/// One key or write, and whether it was answered.
struct entry {
    std::string identity; ///< Of the key; also how a key is named in errors.
    std::string wire;     ///< As it stands in the request.
    bool answered = false;
    /// An answer left it unprocessed, but an earlier sending of that request may have been carried out.
    bool in_doubt = false;
};

/// A batch of any size, lowered: entries without duplicates, and how chunks of them are written and answers read.
class plan {
public:
    plan(operation o, std::string t, std::size_t size, std::size_t concurrent, call_options c)
        : op(o), table(std::move(t)), chunk_size(size), max_in_flight(concurrent), options(c) {}
    virtual ~plan() = default;
    plan(plan const&) = delete;
    plan& operator=(plan const&) = delete;

    virtual void append_body(std::string& body, std::span<std::size_t const> chunk) const = 0;
    /// Takes in an answer and returns the entries that it leaves unprocessed. Throws when it is none to this request.
    virtual std::vector<std::size_t> take_in(raw_reply const& reply, std::span<std::size_t const> chunk) = 0;

    /// Index of the entry with this key, adding one if there is none.
    std::size_t add(item const& key) {
        std::string identity = dynamodb::detail::key_identity(key);
        auto const [at, added] = index_.try_emplace(identity, entries.size());
        if (added) {
            entry& e = entries.emplace_back();
            e.identity = std::move(identity);
        }
        return at->second;
    }
    /// Index of the entry with the key that `attributes` contain; nothing when there is none.
    [[nodiscard]] std::optional<std::size_t> find(item const& attributes) const {
        item key;
        for (std::string const& name : key_names) {
            auto const found = attributes.find(name);
            if (found == attributes.end()) return std::nullopt;
            key.emplace(name, found->second);
        }
        auto const at = index_.find(dynamodb::detail::key_identity(key));
        return at == index_.end() ? std::nullopt : std::optional<std::size_t>(at->second);
    }
    [[noreturn]] void malformed(raw_reply const& reply, std::string message) const {
        diagnostics d;
        d.message = std::move(message);
        dynamodb::detail::rethrow_decoding_error(error(errc::malformed_response, std::move(d)), op,
                                                 is_read(op) ? capacity_kind::read : capacity_kind::write, table,
                                                 reply);
    }
    /// Every entry without an answer, as JSON.
    [[nodiscard]] std::vector<std::string> unanswered() const {
        std::vector<std::string> out;
        for (entry const& e : entries) {
            if (!e.answered) out.push_back('{' + e.identity.substr(0, e.identity.size() - 1) + '}');
        }
        return out;
    }

    void check_in_flight() const {
        if (max_in_flight == 0)
            dynamodb::detail::refuse(errc::invalid_argument, op, table, {}, "max_in_flight: 0 would send nothing");
    }

    /// Whether an entry without an answer may have been carried out all the same.
    [[nodiscard]] bool leaves_doubt() const noexcept {
        return std::any_of(entries.begin(), entries.end(), [](entry const& e) { return !e.answered && e.in_doubt; });
    }

    operation op;
    std::string table;
    std::size_t chunk_size;
    std::size_t max_in_flight;
    call_options options;
    std::vector<std::string> key_names{};
    std::vector<entry> entries{};
    std::exception_ptr refused{};

private:
    std::unordered_map<std::string, std::size_t> index_{};
};

class read_plan final : public plan {
public:
    read_plan(dynamodb::read_batch_request const& request, call_options c)
        : plan(operation::batch_get_item, request.table_name, dynamodb::detail::max_batch_keys, request.max_in_flight,
               c) {
        try {
            lower(request);
        } catch (...) {
            refused = dynamodb::detail::located(std::current_exception(), op, table);
        }
    }

    void append_body(std::string& body, std::span<std::size_t const> chunk) const override {
        body += R"({"RequestItems":{)";
        dynamodb::append_json_string(body, table);
        body += R"(:{"Keys":[)";
        for (std::size_t i = 0; i < chunk.size(); ++i) {
            if (i != 0) body += ',';
            body += entries[chunk[i]].wire;
        }
        body += ']';
        body += members_;
        body += "}}";
        if (options.cost() != nullptr) body += R"(,"ReturnConsumedCapacity":"TOTAL")";
        body += '}';
    }

    std::vector<std::size_t> take_in(raw_reply const& reply, std::span<std::size_t const> chunk) override {
        dynamodb::batch_get_item_response response;
        dynamodb::detail::decode(reply, op, capacity_kind::read, table, response);
        if (options.cost() != nullptr) dynamodb::detail::add_capacity(*options.cost(), capacity_kind::read, response);
        std::vector<std::size_t> left;
        if (response.unprocessed_keys) {
            for (auto const& [unused, wanted] : *response.unprocessed_keys) {
                for (item const& key : wanted.keys) {
                    auto const at = find(key);
                    if (!at || std::find(chunk.begin(), chunk.end(), *at) == chunk.end())
                        malformed(reply, "UnprocessedKeys has a key that was not asked for");
                    left.push_back(*at);
                }
            }
        }
        if (response.responses) {
            for (auto& [unused, items] : *response.responses) {
                for (item& one : items) {
                    auto const at = find(one);
                    if (!at || std::find(chunk.begin(), chunk.end(), *at) == chunk.end())
                        malformed(reply, "Responses has an item that was not asked for");
                    found_[*at] = std::move(one);
                }
            }
        }
        // Only now: an answer that is malformed answers nothing.
        for (std::size_t const i : chunk) entries[i].answered = true;
        for (std::size_t const i : left) entries[i].answered = false;
        return left;
    }

    dynamodb::read_batch_response result() {
        dynamodb::read_batch_response out;
        out.items.reserve(positions_.size());
        for (std::size_t const at : positions_) {
            // The last one that wants it takes it; the others get copies.
            if (--wanted_[at] == 0) {
                out.items.push_back(std::move(found_[at]));
            } else {
                out.items.push_back(found_[at]);
            }
        }
        return out;
    }

private:
    void lower(dynamodb::read_batch_request const& request) {
        check_in_flight();
        dynamodb::detail::check_table_name(op, table);
        if (!request.keys.empty()) {
            for (auto const& [name, unused] : request.keys.front()) key_names.push_back(name);
        }
        for (item const& key : request.keys) {
            dynamodb::detail::check_key(op, table, key);
            bool const same_names =
                std::equal(key.begin(), key.end(), key_names.begin(), key_names.end(),
                           [](auto const& attribute, std::string const& name) { return attribute.first == name; });
            if (!same_names)
                refuse(errc::invalid_argument, op, table, key.begin()->first,
                       "the keys do not all have the same attributes: give the table's key attributes in each");
            std::size_t const at = add(key);
            if (entries[at].wire.empty()) {
                dynamodb::append_json(entries[at].wire, key);
                wanted_.push_back(0);
            }
            ++wanted_[at];
            positions_.push_back(at);
        }
        found_.resize(entries.size());
        if (request.consistent_read) members_ += R"(,"ConsistentRead":true)";
        if (request.attributes.empty()) return;
        std::vector<std::string> names = request.attributes;
        names.insert(names.end(), key_names.begin(), key_names.end());
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        std::string projection;
        std::string declared;
        for (std::size_t i = 0; i < names.size(); ++i) {
            std::string const placeholder = '#' + std::to_string(i);
            if (i != 0) projection += ',';
            projection += placeholder;
            declared += (i != 0 ? ",\"" : "\"") + placeholder + "\":";
            dynamodb::append_json_string(declared, names[i]);
        }
        members_ += R"(,"ProjectionExpression":")" + projection + R"(","ExpressionAttributeNames":{)" + declared + '}';
    }

    std::string members_;
    std::vector<std::size_t> positions_; ///< Entry of each key of the request.
    std::vector<std::size_t> wanted_;    ///< How many keys of the request share an entry.
    std::vector<std::optional<item>> found_;
};

class write_plan final : public plan {
public:
    write_plan(dynamodb::write_batch_request const& request, call_options c)
        : plan(operation::batch_write_item, request.table_name(), dynamodb::detail::max_batch_writes,
               request.max_in_flight, c) {
        try {
            lower(request);
        } catch (...) {
            refused = dynamodb::detail::located(std::current_exception(), op, table);
        }
    }

    void append_body(std::string& body, std::span<std::size_t const> chunk) const override {
        body += R"({"RequestItems":{)";
        dynamodb::append_json_string(body, table);
        body += ":[";
        for (std::size_t i = 0; i < chunk.size(); ++i) {
            if (i != 0) body += ',';
            body += entries[chunk[i]].wire;
        }
        body += "]}";
        if (options.cost() != nullptr) body += R"(,"ReturnConsumedCapacity":"TOTAL")";
        body += '}';
    }

    std::vector<std::size_t> take_in(raw_reply const& reply, std::span<std::size_t const> chunk) override {
        dynamodb::batch_write_item_response response;
        dynamodb::detail::decode(reply, op, capacity_kind::write, table, response);
        if (options.cost() != nullptr) dynamodb::detail::add_capacity(*options.cost(), capacity_kind::write, response);
        std::vector<std::size_t> left;
        if (response.unprocessed_items) {
            for (auto const& [unused, writes] : *response.unprocessed_items) {
                for (dynamodb::write_request const& write : writes) {
                    std::optional<std::size_t> at;
                    if (write.put_request) at = find(write.put_request->item);
                    if (write.delete_request) at = find(write.delete_request->key);
                    if (!at || std::find(chunk.begin(), chunk.end(), *at) == chunk.end())
                        malformed(reply, "UnprocessedItems has a write that was not asked for");
                    left.push_back(*at);
                }
            }
        }
        for (std::size_t const i : chunk) entries[i].answered = true;
        for (std::size_t const i : left) entries[i].answered = false;
        return left;
    }

private:
    void lower(dynamodb::write_batch_request const& request) {
        check_in_flight();
        dynamodb::detail::check_table_name(op, table);
        if (request.partition_key().empty())
            refuse(errc::invalid_argument, op, table, {}, "the name of the partition key is empty");
        key_names.push_back(request.partition_key());
        if (!request.sort_key().empty()) key_names.push_back(request.sort_key());
        for (auto const& write : request.writes()) {
            item key;
            for (std::string const& name : key_names) {
                auto const found = write.attributes.find(name);
                if (found == write.attributes.end())
                    refuse(errc::invalid_argument, op, table, name, "a write lacks this key attribute: set it");
                key.emplace(name, found->second);
            }
            dynamodb::detail::check_key(op, table, key);
            if (!write.put && write.attributes.size() != key.size())
                refuse(errc::invalid_argument, op, table, {},
                       "a delete has attributes besides the key: leave them out");
            std::string& wire = entries[add(key)].wire;
            wire = write.put ? R"({"PutRequest":{"Item":)" : R"({"DeleteRequest":{"Key":)";
            dynamodb::append_json(wire, write.attributes);
            wire += "}}";
        }
    }
};

/// A plan being carried out, shared by its workers. Everything runs on the client's executor.
struct batch_run {
    batch_run(std::shared_ptr<engine> e, std::shared_ptr<plan> p, steady::time_point at)
        : self(std::move(e)), work(std::move(p)), deadline(at), finished(self->executor(), steady::time_point::max()) {
        for (std::size_t i = 0; i < work->entries.size(); ++i) pending.push_back(i);
    }
    void cancel_workers() {
        for (auto const& signal : signals) signal->emit(asio::cancellation_type::terminal);
    }
    /// The first failure is the one that is told; the others, which may follow from it, only add what they leave open.
    void end_worker(std::exception_ptr const& e) {
        if (e) {
            outcome_unknown = outcome_unknown || leaves_outcome_unknown(e);
            if (!failed) {
                failed = e;
                cancel_workers();
            }
        }
        if (--running == 0) finished.cancel();
    }
    static bool leaves_outcome_unknown(std::exception_ptr const& e) {
        try {
            std::rethrow_exception(e);
        } catch (error const& failure) {
            return failure.info().outcome_unknown;
        } catch (...) {
            return false; // nothing was sent
        }
    }

    std::shared_ptr<engine> self;
    std::shared_ptr<plan> work;
    steady::time_point deadline;
    std::deque<std::size_t> pending; ///< Not yet sent, or left unprocessed by any chunk.
    std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
    std::size_t running = 0;
    asio::steady_timer finished; ///< Cancelled when the last worker has ended.
    std::exception_ptr failed;
    bool outcome_unknown = false; ///< A request of some worker's may have been carried out, and got no answer.
    bool gave_up = false;
};

asio::awaitable<void> work_off(std::shared_ptr<batch_run> run) {
    plan& work = *run->work;
    engine& self = *run->self;
    auto const kind = work.entries.size() > work.chunk_size ? http::traffic::fan_out : http::traffic::single;
    dynamodb::progress_guard guard(self.retry());
    while (!run->pending.empty() && !run->gave_up) {
        auto const count = std::min(work.chunk_size, run->pending.size());
        auto const end = run->pending.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<std::size_t> const chunk(run->pending.begin(), end);
        run->pending.erase(run->pending.begin(), end);

        bool repeated_in_doubt = false;
        raw_request request{work.op, self.borrow_body(), true, work.options, kind, &repeated_in_doubt};
        work.append_body(request.body, chunk);
        http::deadline until(self.deadlines(), run->deadline);
        auto performing = self.perform(std::move(request), &until);
        raw_reply const reply = co_await std::move(performing);
        auto const left = work.take_in(reply, chunk);
        for (std::size_t const i : left) work.entries[i].in_doubt = work.entries[i].in_doubt || repeated_in_doubt;
        run->pending.insert(run->pending.begin(), left.begin(), left.end());

        auto const decision = guard.on_answer(chunk.size(), left.size(), self.jitter());
        if (decision.next == dynamodb::progress_guard::action::give_up) {
            run->gave_up = true;
        } else if (decision.next == dynamodb::progress_guard::action::resend && decision.delay.count() > 0) {
            auto sleeping = self.sleep(std::chrono::ceil<steady::duration>(decision.delay), until);
            co_await std::move(sleeping);
        }
    }
}

/// Adds what only the batch as a whole knows.
void describe(batch_run const& run, diagnostics& d) {
    plan const& work = *run.work;
    if (d.operation.empty()) d.operation = to_string(work.op);
    if (d.table.empty()) d.table = work.table;
    d.missing_keys = work.unanswered();
    d.outcome_unknown = d.outcome_unknown || run.outcome_unknown || work.leaves_doubt();
}

[[noreturn]] void fail(batch_run const& run) {
    try {
        std::rethrow_exception(run.failed);
    } catch (error const& e) {
        diagnostics d = e.info();
        describe(run, d);
        throw error(e.code(), std::move(d));
    } catch (boost::system::system_error const& e) {
        diagnostics d;
        describe(run, d);
        throw error(e.code(), std::move(d));
    }
}

/// Has a cancellation state of its own (engine::hop() gave it one): a cancelled batch still waits for its workers.
asio::awaitable<void> drive(std::shared_ptr<engine> self, std::shared_ptr<plan> work) {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const started = steady::now();
    auto run = std::make_shared<batch_run>(self, work, self->deadline_of(work->options));
    auto const chunks = (work->entries.size() + work->chunk_size - 1) / work->chunk_size;
    for (std::size_t i = 0; i < std::min(chunks, work->max_in_flight); ++i) {
        run->signals.push_back(std::make_unique<asio::cancellation_signal>());
        ++run->running;
        auto ended = [run](std::exception_ptr const& e) { run->end_worker(e); };
        auto working = work_off(run);
        asio::co_spawn(self->executor(), std::move(working),
                       asio::bind_cancellation_slot(run->signals.back()->slot(), std::move(ended)));
    }
    bool told = false;
    auto const heed_cancellation = [&] {
        if (told || cancellation.cancelled() == asio::cancellation_type::none) return;
        told = true;
        run->cancel_workers();
    };
    heed_cancellation(); // workers start at once, and what they tell an observer may have been answered so
    while (run->running > 0) {
        auto waiting = run->finished.async_wait(asio::as_tuple(asio::use_awaitable));
        co_await std::move(waiting);
        heed_cancellation();
    }
    if (call_cost* const cost = work->options.cost()) cost->latency = steady::now() - started;
    if (told) {
        diagnostics d;
        describe(*run, d);
        throw_error(asio::error::operation_aborted, std::move(d));
    }
    if (run->failed) fail(*run);
    if (run->gave_up) {
        diagnostics d;
        d.message = "the service left them unprocessed " + std::to_string(self->retry().max_attempts) +
                    " times in a row without any progress: the table is throttled, try these later";
        describe(*run, d);
        throw_error(errc::batch_incomplete, std::move(d));
    }
}

asio::awaitable<void> carry_out(std::shared_ptr<engine> self, std::shared_ptr<plan> work) {
    if (work->refused) std::rethrow_exception(work->refused);
    auto const executor = co_await asio::this_coro::executor;
    self->admit(executor);
    if (work->entries.empty()) co_return;
    auto driving = drive(self, work);
    auto hopping = self->hop(std::move(driving));
    co_await std::move(hopping);
}

asio::awaitable<dynamodb::read_batch_response> read_all(std::shared_ptr<engine> self, std::shared_ptr<read_plan> work) {
    auto carrying = carry_out(std::move(self), work);
    co_await std::move(carrying);
    co_return work->result();
}

} // namespace

namespace dynamodb {

write_batch_request::write_batch_request(std::string table, std::string partition_key, std::string sort_key)
    : table_name_(std::move(table)), partition_key_(std::move(partition_key)), sort_key_(std::move(sort_key)) {}

write_batch_request& write_batch_request::put(item attributes) {
    writes_.push_back({true, std::move(attributes)});
    return *this;
}
write_batch_request& write_batch_request::remove(item key) {
    writes_.push_back({false, std::move(key)});
    return *this;
}

} // namespace dynamodb

asio::awaitable<dynamodb::read_batch_response> client::read_batch(dynamodb::read_batch_request const& request,
                                                                  call_options options) {
    if (options.cost() != nullptr) *options.cost() = call_cost();
    return read_all(engine_, std::make_shared<read_plan>(request, options));
}

asio::awaitable<void> client::write_batch(dynamodb::write_batch_request const& request, call_options options) {
    if (options.cost() != nullptr) *options.cost() = call_cost();
    return carry_out(engine_, std::make_shared<write_plan>(request, options));
}

} // namespace dynasio
