#include "recorder.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include "load_plan.hpp"

namespace dynasio::detail {

namespace {

void set_retries(load_timeline::request& of, std::vector<load_recorder::time_point> const& at,
                 load_recorder::time_point began) {
    for (auto const t : at) of.retries.push_back(t - began);
}

std::string text_of(error_code code) {
    return code == boost::asio::error::operation_aborted ? std::string("cancelled") : code.message();
}

} // namespace

void load_recorder::on_wanted(fetch const& f, bool again) {
    wanted_.insert_or_assign(&f, origin{answering_, answered_at_ ? answered_at_ : begun_, again});
    if (!again && !f.cursor.empty() && !f.from.by_key()) ++pages_.try_emplace(&f, std::size_t{1}).first->second;
}

void load_recorder::on_complete(fetch const& f) { pages_.erase(&f); }

void load_recorder::begin(time_point now) {
    begun_ = now;
    if (to_.requests.empty() && to_.left_out == 0) to_.began = now;
}

std::vector<load_recorder::time_point>* load_recorder::on_sent(load_queue::dispatch const& sent,
                                                               std::string_view operation, time_point now) {
    if (!begun_) begin(now);
    load_timeline::request made;
    made.number = to_.requests.size() + 1;
    made.operation = operation;
    made.sent = made.ended = since_begin(now);
    made.known = made.sent;
    made.under_way = true;
    auto const take = [&](fetch const& f) {
        auto const at = wanted_.find(&f);
        if (at == wanted_.end()) return;
        origin const& from = at->second;
        made.known = std::min(made.known, since_begin(from.known.value_or(*begun_)));
        if (from.waited_for != 0) made.waited_for.push_back(from.waited_for);
        if (from.again) ++made.asked_again;
        wanted_.erase(at);
    };
    auto const share_of = [&](fetch const& f) -> load_timeline::share& {
        std::string const& path = f.users.front()->of.node->path;
        for (auto& share : made.shares)
            if (share.relation == path) return share;
        return made.shares.emplace_back(load_timeline::share{path, 0});
    };
    if (sent.query != nullptr) {
        fetch const& f = *sent.query;
        take(f);
        static_cast<void>(share_of(f));
        made.target = f.from.table;
        if (!f.from.index().empty()) made.target += " index " + std::string(f.from.index());
        if (auto const page = pages_.find(&f); page != pages_.end()) made.page = page->second;
    } else {
        std::vector<std::string_view> tables;
        for (fetch const* const f : sent.keys) {
            take(*f);
            ++share_of(*f).keys;
            if (std::find(tables.begin(), tables.end(), f->from.table) != tables.end()) continue;
            tables.push_back(f->from.table);
            made.target += (made.target.empty() ? "" : ", ") + f->from.table;
        }
    }
    auto& waited = made.waited_for;
    std::sort(waited.begin(), waited.end());
    waited.erase(std::unique(waited.begin(), waited.end()), waited.end());
    if (to_.requests.size() >= at_most_) {
        ++to_.left_out;
        return nullptr;
    }
    open_request& open = open_[sent.id];
    open.at = to_.requests.size();
    to_.requests.push_back(std::move(made));
    return &open.retries;
}

load_timeline::request* load_recorder::end(std::size_t id, time_point now) {
    auto const at = open_.find(id);
    if (at == open_.end()) return nullptr;
    auto& request = to_.requests[at->second.at];
    if (request.under_way) {
        request.ended = since_begin(now);
        request.under_way = false;
        set_retries(request, at->second.retries, to_.began);
    }
    return &request;
}

void load_recorder::on_answer(std::size_t id, time_point now) {
    auto const* const request = end(id, now);
    answering_ = request != nullptr ? request->number : 0;
    answered_at_ = now;
}

void load_recorder::on_read(std::size_t id, std::size_t items, std::size_t unprocessed, double read_units) {
    auto const at = open_.find(id);
    if (at == open_.end()) return;
    auto& request = to_.requests[at->second.at];
    request.items = items;
    request.unprocessed = unprocessed;
    request.read_units = read_units;
    open_.erase(at);
}

void load_recorder::on_failed(std::size_t id, error_code code, time_point now) {
    auto* const request = end(id, now);
    if (request != nullptr) request->error = text_of(code);
    open_.erase(id);
    // What is sent again waited for this failure.
    answering_ = request != nullptr ? request->number : 0;
    answered_at_ = now;
}

get_recorder::get_recorder(load_timeline* to, std::size_t at_most, std::string_view entity, std::string_view table,
                           time_point now)
    : to_(to) {
    if (to_ == nullptr) return;
    if (to_->requests.empty() && to_->left_out == 0) to_->began = now;
    if (to_->requests.size() >= at_most) {
        ++to_->left_out;
        return;
    }
    at_ = to_->requests.size();
    load_timeline::request& made = to_->requests.emplace_back();
    made.number = *at_ + 1;
    made.operation = "GetItem";
    made.target = table;
    made.shares.push_back(load_timeline::share{std::string(entity), 1});
    made.known = made.sent = made.ended = now - to_->began;
    made.under_way = true;
}

load_timeline::request* get_recorder::end(time_point now) {
    if (!at_) return nullptr;
    auto& request = to_->requests[*at_];
    request.ended = now - to_->began;
    request.under_way = false;
    set_retries(request, retries_, to_->began);
    at_.reset();
    return &request;
}

void get_recorder::on_read(std::size_t items, double read_units, time_point now) {
    auto* const request = end(now);
    if (request == nullptr) return;
    request->items = items;
    request->read_units = read_units;
}

void get_recorder::on_failed(error_code code, time_point now) {
    if (auto* const request = end(now)) request->error = text_of(code);
}

} // namespace dynasio::detail
