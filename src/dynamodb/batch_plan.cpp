#include "batch_plan.hpp"

#include <dynasio/dynamodb/detail/batch_get.hpp>
#include <dynasio/dynamodb/detail/item_size.hpp>
#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/operations/batch_write_item.hpp>

#include <dynasio/core/error_context.hpp>

#include <algorithm>

#include "checks.hpp"
#include "decode.hpp"
#include "request_targets.hpp"
#include "shapes_item_members.hpp"

namespace dynasio::dynamodb::detail {

batch_plan::batch_plan(operation op, std::string table, std::size_t limit, std::size_t max_in_flight,
                       batch_settings settings)
    : op_(op), table_(std::move(table)), settings_(std::move(settings)), queue_(limit, settings_.retry) {
    if (max_in_flight == 0) refuse(errc::invalid_argument, op_, table_, {}, "max_in_flight: 0 would send nothing");
    check_table_name(op_, table_);
}

std::size_t batch_plan::add(item const& key) {
    std::string identity = key_identity(key);
    auto const [at, added] = index_.try_emplace(identity, entries_.size());
    if (added) entries_.emplace_back().identity = std::move(identity);
    return at->second;
}

void batch_plan::queue_all() {
    for (std::size_t i = 0; i < entries_.size(); ++i) queue_.add(i);
}

std::size_t batch_plan::entry_of(std::size_t id, item const& attributes, char const* otherwise) const {
    item key;
    for (std::string const& name : key_names_) {
        auto const found = attributes.find(name);
        if (found == attributes.end()) throw_error(errc::malformed_response, otherwise);
        key.emplace(name, found->second);
    }
    auto const at = index_.find(key_identity(key));
    if (at == index_.end() || entries_[at->second].request != id) throw_error(errc::malformed_response, otherwise);
    return at->second;
}

std::optional<request_source::request> batch_plan::next(time_point now) {
    if (gave_up_) return std::nullopt;
    queue_.end_pauses(now);
    if (queue_.waiting() == 0) return std::nullopt;
    auto sent = queue_.take();
    std::size_t const id = ++last_id_;
    for (std::size_t const i : sent) entries_[i].request = id;
    std::string body = settings_.make_body ? settings_.make_body() : std::string();
    append_body(body, sent);
    under_way_.emplace(id, std::move(sent));
    request made{id, op_, std::move(body)};
    made.about.tell = &batch_plan::tell;
    made.about.who = this;
    return made;
}

bool batch_plan::ready(time_point now) const {
    auto const paused_until = queue_.wake_at();
    return !gave_up_ && (queue_.waiting() > 0 || (paused_until && *paused_until <= now));
}

std::optional<request_source::time_point> batch_plan::wake_at() const {
    return gave_up_ ? std::nullopt : queue_.wake_at();
}

bool batch_plan::sequential() const {
    return !gave_up_ && under_way_.empty() && !queue_.empty() && queue_.size() <= queue_.limit();
}

bool batch_plan::done() const noexcept { return under_way_.empty() && (gave_up_ || queue_.empty()); }

void batch_plan::on_answer(std::size_t id, answer const& got) {
    std::vector<std::size_t> unprocessed;
    try {
        read_answer(id, got.reply.body(), unprocessed);
    } catch (error const& e) {
        // The answer had status 200, so the service may have carried the request out although its answer is unreadable.
        error_context known;
        known.outcome_unknown = !is_read(op_);
        rethrow_with(e, known);
    }
    // The entries count as answered only now that the whole answer has been read: a malformed answer answers none.
    auto const at = under_way_.find(id);
    std::vector<std::size_t> const sent = std::move(at->second);
    under_way_.erase(at);
    for (std::size_t const i : sent) {
        entries_[i].answered = true;
        entries_[i].request = 0;
    }
    std::erase_if(unprocessed, [this](std::size_t i) { return !std::exchange(entries_[i].answered, false); });
    for (std::size_t const i : unprocessed) entries_[i].in_doubt = entries_[i].in_doubt || got.repeated_in_doubt;
    auto const guard_of = [this](std::size_t i) -> std::optional<progress_guard>& { return entries_[i].guard; };
    std::span<std::size_t const> const left(unprocessed);
    gave_up_ = !queue_.put_back(sent.size(), left, got.now, got.jitter, guard_of).empty() || gave_up_;
}

void batch_plan::describe(std::size_t, diagnostics& d) const {
    error_context known;
    known.operation = to_string(op_);
    known.table = table_;
    add_context(d, known);
}

void batch_plan::on_failure(std::size_t, error const& e) {
    outcome_unknown_ = outcome_unknown_ || e.info().outcome_unknown;
}

void batch_plan::describe_whole(diagnostics& d) const {
    describe(0, d);
    for (entry const& e : entries_) {
        if (e.answered) continue;
        d.missing_keys.push_back('{' + e.identity.substr(0, e.identity.size() - 1) + '}');
        d.outcome_unknown = d.outcome_unknown || e.in_doubt;
    }
    d.outcome_unknown = d.outcome_unknown || outcome_unknown_;
}

void batch_plan::check_complete() const {
    if (!gave_up_) return;
    diagnostics d;
    d.message = "the service left them unprocessed " + std::to_string(settings_.retry.max_attempts) +
                " times in a row without any progress: the table is throttled, try these later";
    describe_whole(d);
    throw_error(errc::batch_incomplete, std::move(d));
}

void batch_plan::tell(request_subject const& self, std::string_view, std::string_view, request_targets& out) {
    auto const& plan = *static_cast<batch_plan const*>(self.who);
    out.targets.emplace_back().table = split_resource(plan.table_).table;
}

// ---- reading

read_plan::read_plan(read_batch_request const& asked, batch_settings settings)
    : batch_plan(operation::batch_get_item, asked.table_name, max_batch_keys, asked.max_in_flight,
                 std::move(settings)) {
    if (!asked.keys.empty()) {
        for (auto const& [name, unused] : asked.keys.front()) key_names().push_back(name);
    }
    for (item const& key : asked.keys) {
        check_key(op(), table(), key);
        bool const same_names =
            std::equal(key.begin(), key.end(), key_names().begin(), key_names().end(),
                       [](auto const& attribute, std::string const& name) { return attribute.first == name; });
        if (!same_names)
            refuse(errc::invalid_argument, op(), table(), key.begin()->first,
                   "the keys do not all have the same attributes: give the table's key attributes in each");
        std::size_t const at = add(key);
        if (entries()[at].wire.empty()) {
            append_json(entries()[at].wire, key);
            wanted_.push_back(0);
        }
        ++wanted_[at];
        positions_.push_back(at);
    }
    found_.resize(entries().size());
    queue_all();
    if (asked.consistent_read) members_ += R"(,"ConsistentRead":true)";
    if (asked.attributes.empty()) return;
    std::vector<std::string> names = asked.attributes;
    names.insert(names.end(), key_names().begin(), key_names().end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string projection;
    std::string declared;
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string const placeholder = '#' + std::to_string(i);
        if (i != 0) projection += ',';
        projection += placeholder;
        declared += (i != 0 ? ",\"" : "\"") + placeholder + "\":";
        append_json_string(declared, names[i]);
    }
    members_ += R"(,"ProjectionExpression":")" + projection + R"(","ExpressionAttributeNames":{)" + declared + '}';
}

void read_plan::append_body(std::string& body, std::span<std::size_t const> sent) const {
    batch_get_writer out(body, members_);
    out.begin_table(table());
    for (std::size_t const i : sent) out.add(entries()[i].wire);
    out.finish();
}

void read_plan::read_answer(std::size_t id, std::string_view body, std::vector<std::size_t>& unprocessed) {
    struct sink final : batch_get_sink {
        sink(read_plan& p, std::size_t i, std::vector<std::size_t>& u) : plan(p), id(i), left(u) {}
        void enter_table(std::string_view, json_reader&) override {} // the keys tell
        void read_item(json_reader& in) override {
            item one = dynamodb::read_item(in);
            auto const at = plan.entry_of(id, one, "Responses has an item that was not asked for");
            plan.found_[at] = std::move(one);
        }
        void read_unprocessed(json_reader& in) override {
            item const key = dynamodb::read_item(in);
            left.push_back(plan.entry_of(id, key, "UnprocessedKeys has a key that was not asked for"));
        }
        void read_capacity(json_reader& in) override { detail::read(in, capacity); }

        read_plan& plan;
        std::size_t id;
        std::vector<std::size_t>& left;
        std::vector<consumed_capacity> capacity{};
    };
    sink into(*this, id, unprocessed);
    read_batch_get(body, into);
    if (cost() == nullptr) return;
    for (consumed_capacity const& one : into.capacity) add_capacity(*cost(), capacity_kind::read, one);
}

read_batch_response read_plan::result() {
    read_batch_response out;
    out.items.reserve(positions_.size());
    for (std::size_t const at : positions_) {
        // Duplicate keys share an entry: the last of them gets the item itself, the others get copies.
        if (--wanted_[at] == 0) {
            out.items.push_back(std::move(found_[at]));
        } else {
            out.items.push_back(found_[at]);
        }
    }
    return out;
}

// ---- writing

write_plan::write_plan(write_batch_request const& asked, batch_settings settings)
    : batch_plan(operation::batch_write_item, asked.table_name(), max_batch_writes, asked.max_in_flight,
                 std::move(settings)) {
    if (asked.partition_key().empty())
        refuse(errc::invalid_argument, op(), table(), {}, "the name of the partition key is empty");
    key_names().push_back(asked.partition_key());
    if (!asked.sort_key().empty()) key_names().push_back(asked.sort_key());
    for (auto const& write : asked.writes()) {
        item key;
        for (std::string const& name : key_names()) {
            auto const found = write.attributes.find(name);
            if (found == write.attributes.end())
                refuse(errc::invalid_argument, op(), table(), name, "a write lacks this key attribute: set it");
            key.emplace(name, found->second);
        }
        check_key(op(), table(), key);
        if (!write.put && write.attributes.size() != key.size())
            refuse(errc::invalid_argument, op(), table(), {},
                   "a delete has attributes besides the key: leave them out");
        std::string& wire = entries()[add(key)].wire;
        wire = write.put ? R"({"PutRequest":{"Item":)" : R"({"DeleteRequest":{"Key":)";
        std::size_t const item_at = wire.size();
        append_json(wire, write.attributes);
        if (write.put) check_item_size(std::string_view(wire).substr(item_at));
        wire += "}}";
    }
    queue_all();
}

void write_plan::append_body(std::string& body, std::span<std::size_t const> sent) const {
    body += R"({"RequestItems":{)";
    append_json_string(body, table());
    body += ':';
    char before = '[';
    for (std::size_t const i : sent) {
        body += std::exchange(before, ',');
        body += entries()[i].wire;
    }
    body += "]}}";
}

void write_plan::read_answer(std::size_t id, std::string_view body, std::vector<std::size_t>& unprocessed) {
    batch_write_item_response response;
    json_reader in(body);
    read_json(in, response);
    in.finish();
    constexpr char const* strange = "UnprocessedItems has a write that was not asked for";
    if (response.unprocessed_items) {
        for (auto const& [unused, writes] : *response.unprocessed_items) {
            for (write_request const& write : writes) {
                if (!write.put_request && !write.delete_request) throw_error(errc::malformed_response, strange);
                item const& attributes = write.delete_request ? write.delete_request->key : write.put_request->item;
                unprocessed.push_back(entry_of(id, attributes, strange));
            }
        }
    }
    if (cost() != nullptr) add_capacity(*cost(), capacity_kind::write, response);
}

} // namespace dynasio::dynamodb::detail
