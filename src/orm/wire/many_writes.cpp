#include "many_writes.hpp"

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

#include "answer_members.hpp"
#include "key_read.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

using dynamodb::json_reader;
using dynamodb::operation;
using dynamodb::detail::max_batch_writes;

many_writes::many_writes(write_environment const& env, entity_type const& type, std::vector<planned_write> const& plans,
                         aws::retry_policy const& policy)
    : type_(type), table_(physical_table(env.table_prefix, type.table)), attempts_(policy.max_attempts),
      entries_(plans.size()), batched_(max_batch_writes, policy), last_batch_(plans.size()) {
    distinct_items items;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        entry& e = entries_[i];
        try {
            e.decided = decide(env, plans[i]);
        } catch (error const& why) {
            fail(e, why);
            continue;
        }
        if (!e.decided) {
            e.ended = true; // there is nothing to write
            continue;
        }
        items.add(e.decided->write, "which of them would remain is left to chance; write one of them");
        if (e.decided->write.touches_unique()) {
            guard(e, env);
            if (!e.ended) singles_.push_back(i);
        } else if (e.decided->write.fits_batch())
            batched_.add(i);
        else
            singles_.push_back(i);
    }
}

void many_writes::guard(entry& e, write_environment const& env) const {
    try {
        std::vector<decided_write> one;
        one.push_back(*std::move(e.decided));
        e.decided.reset();
        e.guarded = std::make_unique<guarded_writes>(std::move(one), std::string(env.table_prefix));
    } catch (error const& why) { // of a value that is too long
        fail(e, why);
    }
}

void many_writes::go_on_with_guarded(std::size_t i) {
    entry& e = entries_[i];
    if (!e.guarded->done()) {
        singles_.push_back(i);
        return;
    }
    if (e.guarded->failed())
        fail(e, *e.guarded->failed());
    else
        succeed(e);
    units_.write += e.guarded->write_units();
    units_.read += e.guarded->read_units();
}

void many_writes::succeed(entry& e) const {
    e.ended = true;
    e.write().apply();
}

void many_writes::fail(entry& e, error const& why) const {
    e.ended = true;
    e.failed = with_context(why, {.table = table_, .entity = type_.name, .outcome_unknown = e.in_doubt}).as_failure();
}

bool many_writes::ready(time_point now) const {
    auto const paused_until = batched_.wake_at();
    return next_single_ < singles_.size() || batched_.waiting() > 0 || (paused_until && *paused_until <= now);
}

bool many_writes::sequential() const {
    if (under_way_ > 0) return false;
    std::size_t const alone = singles_.size() - next_single_;
    return alone == 0 ? !batched_.empty() && batched_.size() <= batched_.limit() : alone == 1 && batched_.empty();
}

bool many_writes::done() const noexcept {
    return under_way_ == 0 && next_single_ == singles_.size() && batched_.empty();
}

std::optional<many_writes::request> many_writes::next(time_point now) {
    batched_.end_pauses(now);
    if (batched_.waiting() > 0) {
        ++under_way_;
        request made{last_batch_++, operation::batch_write_item, R"({"RequestItems":{)"};
        made.about.tell = &many_writes::tell;
        made.about.who = this;
        dynamodb::append_json_string(made.body, table_);
        made.body += ":[";
        auto& sent = batches_[made.id] = batched_.take();
        for (std::size_t const i : sent) {
            if (i != sent.front()) made.body += ',';
            entries_[i].decided->write.append_batch_entry(made.body);
        }
        made.body += "]}}";
        return made;
    }
    if (next_single_ == singles_.size()) return std::nullopt;
    ++under_way_;
    return request_for(singles_[next_single_++], now);
}

many_writes::request many_writes::request_for(std::size_t i, time_point now) {
    if (entries_[i].guarded) {
        auto made = *entries_[i].guarded->next(now);
        made.id = i;
        return made;
    }
    item_write& write = entries_[i].decided->write;
    request made{i, write.operation(), {}};
    made.about = write.subject();
    made.repeatable = write.repeatable();
    made.body = std::move(write).take_body();
    return made;
}

void many_writes::tell(dynamodb::detail::request_subject const& self, std::string_view, std::string_view,
                       dynamodb::detail::request_targets& out) {
    out.targets.emplace_back().table = static_cast<many_writes const*>(self.who)->table_;
}

void many_writes::read_unprocessed(std::vector<std::size_t> const& sent, std::string_view body,
                                   std::vector<std::size_t>& unprocessed) {
    std::map<std::string, std::size_t> waiting; // made only when the answer names any
    auto const take = [&](json_reader& in) {
        if (waiting.empty() && unprocessed.empty())
            for (std::size_t const i : sent) waiting.emplace(key_identity(entries_[i].decided->write), i);
        auto const at = waiting.find(dynamodb::detail::key_identity(dynamodb::read_item(in)));
        if (at == waiting.end()) in.fail("UnprocessedItems has a key that was not sent");
        unprocessed.push_back(at->second);
        waiting.erase(at);
    };
    // {"table":[{"DeleteRequest":{"Key":{…}}}]}: batches hold no puts, because puts have a guard.
    auto const take_request = [&](json_reader& in) {
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name != "DeleteRequest") in.fail("UnprocessedItems has a request that was not sent");
            in.enter_object();
            while (in.next_member(name)) {
                if (name == "Key")
                    take(in);
                else
                    in.skip_value();
            }
        }
    };
    json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (in.read_if_null()) continue;
        if (name == "UnprocessedItems") {
            in.enter_object();
            while (in.next_member(name)) {
                if (name != table_) in.fail("UnprocessedItems names a table that was not sent");
                in.enter_array();
                while (in.next_element()) take_request(in);
            }
        } else if (name == "ConsumedCapacity") {
            units_.write += read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();
}

void many_writes::on_answer(std::size_t id, answer const& got) {
    try {
        if (is_single(id) && entries_[id].guarded) {
            entries_[id].guarded->on_answer(id, got);
            --under_way_;
            go_on_with_guarded(id);
            return;
        }
        if (is_single(id)) {
            units_.write += read_write_answer(got.reply.body()).write_units;
            --under_way_;
            succeed(entries_[id]);
            return;
        }
        std::vector<std::size_t> unprocessed;
        auto const at = batches_.find(id);
        read_unprocessed(at->second, got.reply.body(), unprocessed);
        auto const sent = std::move(at->second);
        batches_.erase(at);
        --under_way_;
        for (std::size_t const i : sent)
            if (std::find(unprocessed.begin(), unprocessed.end(), i) == unprocessed.end()) succeed(entries_[i]);
        for (std::size_t const i : unprocessed) entries_[i].in_doubt = entries_[i].in_doubt || got.repeated_in_doubt;
        auto const guard_of = [this](std::size_t i) -> auto& { return entries_[i].guard; };
        std::span<std::size_t const> const left(unprocessed);
        for (std::size_t const i : batched_.put_back(sent.size(), left, got.now, got.jitter, guard_of)) {
            std::string const key = entries_[i].decided->write.key();
            diagnostics d = unprocessed_keys(std::vector<std::string>(1, key), attempts_);
            d.operation = to_string(operation::batch_write_item);
            d.key = key;
            fail(entries_[i], error(make_error_code(errc::batch_incomplete), std::move(d)));
        }
    } catch (error const& e) {
        // Status 200 with an unreadable body may be a success of the service or the answer of a proxy.
        diagnostics d = e.info();
        d.outcome_unknown = true;
        throw_error(e.code(), std::move(d));
    }
}

void many_writes::describe(std::size_t id, diagnostics& d) const {
    if (is_single(id) && entries_[id].guarded)
        entries_[id].guarded->describe(id, d);
    else
        add_context(d, {.operation = to_string(is_single(id) ? entries_[id].decided->write.operation()
                                                             : operation::batch_write_item)});
    add_context(d, {.table = table_, .entity = type_.name});
}

bool many_writes::takes_failure(std::size_t id, error const& e) {
    if (e.code() == boost::asio::error::operation_aborted) return false;
    --under_way_;
    if (is_single(id) && entries_[id].guarded) {
        (void)entries_[id].guarded->takes_failure(id, e);
        go_on_with_guarded(id);
        return true;
    }
    if (is_single(id)) {
        entry& one = entries_[id];
        item_write const& write = one.decided->write;
        if (write.met_itself(e)) {
            succeed(one);
            return true;
        }
        if (e.info().outcome_unknown) write.keep_key();
        fail(one, write.meaning_of(e));
        return true;
    }
    auto const sent = std::move(batches_.at(id));
    batches_.erase(id);
    for (std::size_t const i : sent) fail(entries_[i], entries_[i].decided->write.meaning_of(e));
    return true;
}

void many_writes::on_failure(std::size_t id, error const& e) {
    if (is_single(id) && e.info().outcome_unknown) entries_[id].write().write.keep_key();
}

void many_writes::describe_whole(diagnostics& d) const {
    add_context(d, {.table = table_, .entity = type_.name});
    auto const ended = std::count_if(entries_.begin(), entries_.end(), [](entry const& e) { return e.ended; });
    if (!d.message.empty()) d.message += "; ";
    d.message += std::to_string(ended) + " of " + std::to_string(entries_.size()) + " entities had been written";
}

void many_writes::give_up(error const& e) {
    for (entry& one : entries_) {
        if (one.ended) continue;
        diagnostics d = e.info();
        d.key = one.write().write.key();
        fail(one, error(e.code(), std::move(d)));
    }
}

batch_outcome many_writes::outcome() && {
    std::vector<result<void>> each;
    each.reserve(entries_.size());
    for (entry& one : entries_) {
        if (one.failed)
            each.emplace_back(*std::move(one.failed));
        else
            each.emplace_back();
    }
    return batch_outcome(std::move(each));
}

} // namespace dynasio::detail
