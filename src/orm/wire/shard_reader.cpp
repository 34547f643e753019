#include "shard_reader.hpp"

#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/operations/get_shard_iterator.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <utility>

#include "../../dynamodb/structure_json.hpp"

namespace dynasio::detail {

using dynamodb::json_reader;
using dynamodb::operation;
using namespace std::chrono_literals;

namespace {

/// Five reads of a shard a second are allowed.
constexpr auto between_reads = 200ms;
/// Before a read that the service has refused for its frequency is repeated.
constexpr auto after_refusal = 1s;
constexpr unsigned most_refused_reads = 10;
/// Before a stream is described again because a closed shard has no children yet.
constexpr auto between_listings = 1s;
/// Before a stream is described again in any case. A child of a shard may be listed later than its siblings, and
/// nothing but another description tells.
constexpr auto longest_between_listings = 1min;
/// How much the clocks of client and service may differ. Requests with a larger difference are refused.
constexpr auto largest_skew = 5min;
constexpr auto kept_by_service = 24h;

change_kind read_kind(json_reader& in) {
    std::string_view const text = in.read_string();
    if (text == "INSERT") return change_kind::insert;
    if (text == "MODIFY") return change_kind::modify;
    if (text != "REMOVE") in.fail("expected INSERT, MODIFY or REMOVE");
    return change_kind::remove;
}

std::string read_object(json_reader& in) {
    if (in.peek() != json_reader::kind::object) in.fail("expected an item");
    return std::string(in.skip_value());
}

void read_item_of(json_reader& in, told_change& into) {
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (in.read_if_null()) continue;
        if (name == "Keys") {
            into.keys = read_object(in);
        } else if (name == "NewImage") {
            into.after = read_object(in);
        } else if (name == "OldImage") {
            into.before = read_object(in);
        } else if (name == "SequenceNumber") {
            into.sequence = in.read_string();
        } else if (name == "ApproximateCreationDateTime") {
            dynamodb::detail::read(in, into.at);
        } else {
            in.skip_value();
        }
    }
}

bool read_is_service(json_reader& in) {
    std::string principal;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        // The service writes the members of an identity in both cases.
        if ((name == "principalId" || name == "PrincipalId") && in.peek() == json_reader::kind::string) {
            principal = in.read_string();
        } else {
            in.skip_value();
        }
    }
    return principal == "dynamodb.amazonaws.com";
}

told_change read_change(json_reader& in) {
    told_change made;
    bool has_kind = false;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (in.read_if_null()) continue;
        if (name == "eventName") {
            made.kind = read_kind(in);
            has_kind = true;
        } else if (name == "dynamodb") {
            read_item_of(in, made);
        } else if (name == "userIdentity") {
            made.expired = read_is_service(in);
        } else {
            in.skip_value();
        }
    }
    if (!has_kind || made.keys.empty() || made.sequence.empty())
        in.fail("expected eventName, Keys and SequenceNumber of a change");
    made.expired = made.expired && made.kind == change_kind::remove;
    return made;
}

template <class Response> Response read_whole(std::string_view body) {
    Response response;
    json_reader in(body);
    read_json(in, response);
    in.finish();
    return response;
}

} // namespace

shard_reader::shard_reader(std::string stream, beginning from, system_time now, settings how)
    : how_(std::move(how)), stream_(std::move(stream)), from_(from), began_at_(now) {}

shard_reader::shard_reader(change_place from, system_time now, settings how)
    : how_(std::move(how)), stream_(from.stream), began_at_(now), resumed_(std::move(from)) {}

// ---- between rounds

void shard_reader::begin_round(time_point now) {
    round_ = now;
    lost_.reset();
    if (is_too_old_) lose_old_place();
}

std::optional<told_change> shard_reader::take() {
    if (untaken_.empty()) return std::nullopt;
    told_change made = std::move(untaken_.front());
    untaken_.pop_front();
    shard& s = shards_.at(made.shard);
    --s.untaken;
    s.taken = {.at = shard_place::kind::after, .sequence = made.sequence};
    if (s.untaken == 0 && s.is == phase::finished) end_shard(made.shard, s);
    return made;
}

bool shard_reader::ended() const noexcept {
    return has_begun_ && is_disabled_ && untaken_.empty() && !listing_.wanted && !listing_.under_way &&
           std::all_of(shards_.begin(), shards_.end(), [](auto const& one) { return one.second.is == phase::done; });
}

shard_reader::time_point shard_reader::next_round() const {
    time_point at = time_point::max();
    if (listing_.wanted) at = listing_.due;
    for (auto const& [name, s] : shards_)
        if (s.is == phase::ready || s.is == phase::open) at = std::min(at, s.due);
    return at;
}

change_place shard_reader::place(system_time now) const {
    change_place made;
    made.as_of = std::chrono::floor<std::chrono::seconds>(now);
    made.stream = stream_;
    for (auto const& [name, s] : shards_) {
        if (s.is == phase::waits) continue;
        if (s.is != phase::done) {
            // When everything that was read was taken, what reading left out is behind the place, too.
            made.shards.emplace(name, s.untaken == 0           ? s.read
                                      : s.taken.names_change() ? s.taken
                                                               : before_untaken(name));
            continue;
        }
        bool const has_children =
            std::any_of(shards_.begin(), shards_.end(), [&](auto const& one) { return one.second.parent == name; });
        if (!has_children && s.listed) made.ended.insert(name);
    }
    return made;
}

shard_place shard_reader::before_untaken(std::string_view of) const {
    auto const first =
        std::find_if(untaken_.begin(), untaken_.end(), [&](told_change const& one) { return one.shard == of; });
    return {.at = shard_place::kind::from, .sequence = first->sequence};
}

// ---- requests

bool shard_reader::may_read(shard const& s) const noexcept {
    if (s.under_way || s.due > round_) return false;
    // A shard that is to be read from now on gets its iterator in any case: later, "now" would be later.
    if (s.is == phase::ready && s.at_latest) return true;
    return (s.is == phase::ready || s.is == phase::open) && untaken_.empty();
}

shard_reader::shards::value_type* shard_reader::next_shard() {
    shards::value_type* found = nullptr;
    for (auto& one : shards_)
        if (may_read(one.second) && (found == nullptr || one.second.due < found->second.due)) found = &one;
    return found;
}

std::size_t shard_reader::count_ready() const noexcept {
    auto const reads =
        std::count_if(shards_.begin(), shards_.end(), [&](auto const& one) { return may_read(one.second); });
    return static_cast<std::size_t>(reads) + (may_list() ? 1 : 0);
}

bool shard_reader::ready(time_point) const { return !lost_ && count_ready() > 0; }
bool shard_reader::sequential() const { return orders_.empty() && (lost_ || count_ready() <= 1); }
bool shard_reader::done() const noexcept { return orders_.empty() && (lost_ || count_ready() == 0); }

std::optional<shard_reader::request> shard_reader::next(time_point) {
    if (lost_) return std::nullopt;
    if (may_list()) return list_request();
    auto* const entry = next_shard();
    if (entry == nullptr) return std::nullopt;
    return shard_request(*entry);
}

shard_reader::request shard_reader::list_request() {
    listing_.under_way = true;
    std::size_t const id = ++last_order_;
    orders_.emplace(id, order{operation::describe_stream});
    dynamodb::describe_stream_request wanted(stream_);
    if (!listing_.from.empty()) wanted.exclusive_start_shard_id = listing_.from;
    request made{id, operation::describe_stream, {}};
    append_json(made.body, wanted);
    return made;
}

shard_reader::request shard_reader::shard_request(shards::value_type& entry) {
    auto& [name, s] = entry;
    s.under_way = true;
    std::size_t const id = ++last_order_;
    if (s.is == phase::open) {
        orders_.emplace(id, order{operation::get_records, name, s.iterator});
        request made{id, operation::get_records, R"({"ShardIterator":)"};
        dynamodb::append_json_string(made.body, s.iterator);
        made.body += '}';
        return made;
    }
    orders_.emplace(id, order{operation::get_shard_iterator, name});
    auto type = dynamodb::shard_iterator_type::trim_horizon;
    if (s.read.at == shard_place::kind::after)
        type = dynamodb::shard_iterator_type::after_sequence_number;
    else if (s.read.at == shard_place::kind::from)
        type = dynamodb::shard_iterator_type::at_sequence_number;
    else if (s.at_latest)
        type = dynamodb::shard_iterator_type::latest;
    dynamodb::get_shard_iterator_request wanted(stream_, name, type);
    if (s.read.names_change()) wanted.sequence_number = s.read.sequence;
    request made{id, operation::get_shard_iterator, {}};
    append_json(made.body, wanted);
    return made;
}

void shard_reader::describe(std::size_t id, diagnostics& d) const {
    auto const found = orders_.find(id);
    std::string_view const op = found == orders_.end() ? std::string_view() : to_string(found->second.op);
    add_context(d, {.operation = op, .table = how_.table, .entity = how_.entity});
}

// ---- answers

void shard_reader::on_answer(std::size_t id, answer const& got) {
    order const sent = orders_.at(id);
    switch (sent.op) {
    case operation::describe_stream:
        take_listing(got.reply.body(), got.now);
        break;
    case operation::get_shard_iterator:
        take_iterator(shards_.at(sent.shard), got.reply.body());
        break;
    default:
        take_changes(sent, got.reply.body(), got.now);
        break;
    }
    orders_.erase(id);
}

void shard_reader::want_listing(time_point at) {
    bool const has_begun = listing_.under_way || !listing_.from.empty();
    if (listing_.wanted && (has_begun || listing_.due <= at)) return;
    listing_ = {};
    listing_.due = at;
}

void shard_reader::take_listing(std::string_view body, time_point now) {
    auto response = read_whole<dynamodb::describe_stream_response>(body);
    json_reader const in(body);
    if (!response.stream_description) in.fail("expected the description of the stream");
    auto& about = *response.stream_description;
    listing_.under_way = false;
    if (about.stream_view_type) view_ = about.stream_view_type->text();
    table_ = about.table_name.value_or("");
    is_disabled_ = about.stream_status && *about.stream_status == dynamodb::stream_status::disabled;
    if (about.shards)
        for (auto& one : *about.shards)
            if (one.shard_id && !one.shard_id->empty()) listing_.found.push_back(std::move(one));
    std::string const next = about.last_evaluated_shard_id.value_or("");
    if (!next.empty() && next == listing_.from) in.fail("the page names itself as the next one");
    listing_.from = next;
    if (next.empty()) end_listing(now);
}

void shard_reader::end_listing(time_point now) {
    for (auto& [name, s] : shards_) s.listed = false;
    for (auto& one : listing_.found) {
        shard& s = shards_[*one.shard_id];
        s.listed = true;
        s.parent = one.parent_shard_id.value_or("");
        if (s.parent == *one.shard_id) s.parent.clear();
    }
    listing_.wanted = false;
    listing_.found.clear();
    if (has_begun_) {
        start_children();
    } else if (resumed_) {
        go_on_with_listed();
    } else {
        begin_with_listed();
    }
    has_begun_ = true;
    // Shards that the service has dropped are needed no more once they are done.
    std::erase_if(shards_, [](auto const& one) { return one.second.is == phase::done && !one.second.listed; });
    bool const waits_for_children =
        shards_.empty() || std::any_of(shards_.begin(), shards_.end(), [&](auto const& one) {
            return one.second.is == phase::done && std::none_of(shards_.begin(), shards_.end(), [&](auto const& other) {
                       return other.second.parent == one.first;
                   });
        });
    if (!is_disabled_) want_listing(now + (waits_for_children ? between_listings : longest_between_listings));
}

void shard_reader::begin_with_listed() {
    if (from_ == beginning::oldest) {
        start_children();
        return;
    }
    // The newest changes are in the shards without children; what their ancestors hold is older than now.
    for (auto& [name, s] : shards_) s.is = phase::ready;
    for (auto& [name, s] : shards_) {
        auto const parent = shards_.find(s.parent);
        if (parent != shards_.end()) parent->second.is = phase::done;
    }
    for (auto& [name, s] : shards_) {
        if (s.is != phase::ready) continue;
        s.at_latest = true;
        s.read = {.at = shard_place::kind::since, .time = std::chrono::floor<std::chrono::seconds>(began_at_)};
        s.taken = s.read;
    }
}

void shard_reader::go_on_with_listed() {
    change_place const from = *std::move(resumed_);
    resumed_.reset();
    // A shard of the place that the service does not list any more is asked for all the same: the service says that its
    // changes are lost, as it does when it drops the shard after this.
    for (auto const& [name, at] : from.shards) {
        shard& s = shards_[name];
        s.is = phase::ready;
        s.read = at;
        s.taken = at;
    }
    for (std::string const& name : from.ended)
        if (auto const found = shards_.find(name); found != shards_.end()) found->second.is = phase::done;
    auto const leave_ancestors = [&](std::string const& name) {
        for (auto at = shards_.find(name); at != shards_.end(); at = shards_.find(at->second.parent)) {
            if (at->first == name) continue;
            if (at->second.is == phase::done) break;
            at->second.is = phase::done;
        }
    };
    for (auto const& [name, at] : from.shards) leave_ancestors(name);
    for (std::string const& name : from.ended) leave_ancestors(name);
    start_children();
    // The service says itself when the change behind which a shard is to be read has been dropped. Of a shard in which
    // no change had been seen, it cannot.
    bool const has_unseen =
        std::any_of(from.shards.begin(), from.shards.end(), [](auto const& one) { return !one.second.names_change(); });
    is_too_old_ = has_unseen && from.as_of + kept_by_service < began_at_;
    if (is_too_old_) lose_old_place();
}

void shard_reader::lose_old_place() {
    if (how_.skips_lost) {
        ++gaps_;
        is_too_old_ = false;
        return;
    }
    diagnostics d;
    d.message =
        "the position is older than the 24 hours for which a stream keeps changes, and it has no change in some "
        "shard by which the service could tell whether others were dropped";
    lost_ = failure(make_error_code(errc::changes_lost), std::move(d));
}

void shard_reader::start_children() {
    for (auto& [name, s] : shards_) {
        if (s.is != phase::waits) continue;
        auto const parent = shards_.find(s.parent);
        if (parent == shards_.end() || parent->second.is == phase::done) s.is = phase::ready;
    }
}

void shard_reader::take_iterator(shard& s, std::string_view body) {
    auto response = read_whole<dynamodb::get_shard_iterator_response>(body);
    if (!response.shard_iterator) json_reader(body).fail("expected the iterator of the shard");
    s.under_way = false;
    s.iterator = *std::move(response.shard_iterator);
    s.is = phase::open;
    s.leaves_out_older = s.read.at == shard_place::kind::since && !s.at_latest;
    // Should this iterator expire before it has shown a change, the next one is not at the newest change, which would
    // be another by then.
    s.at_latest = false;
}

void shard_reader::take_changes(order const& sent, std::string_view body, time_point now) {
    std::vector<told_change> changes;
    std::optional<std::string> next;
    json_reader in(body);
    std::string_view member;
    in.enter_object();
    while (in.next_member(member)) {
        if (in.read_if_null()) continue;
        if (member == "Records") {
            in.enter_array();
            while (in.next_element()) changes.push_back(read_change(in));
        } else if (member == "NextShardIterator") {
            next = in.read_string();
        } else {
            in.skip_value();
        }
    }
    in.finish();
    if (next && !changes.empty() && *next == sent.iterator)
        in.fail("the iterator behind the changes is the one before");

    shard& s = shards_.at(sent.shard);
    s.under_way = false;
    s.refusals = 0;
    s.due = now + (changes.empty() ? std::max<time_point::duration>(how_.idle, between_reads) : between_reads);
    auto const since = s.leaves_out_older ? s.read.time - largest_skew : system_time::min();
    for (told_change& one : changes) {
        s.read = {.at = shard_place::kind::after, .sequence = one.sequence};
        if (one.at < since) continue;
        s.leaves_out_older = false;
        one.shard = sent.shard;
        untaken_.push_back(std::move(one));
        ++s.untaken;
    }
    if (next) {
        s.iterator = *std::move(next);
        return;
    }
    s.is = phase::finished;
    s.iterator.clear();
    if (s.untaken == 0) end_shard(sent.shard, s);
}

void shard_reader::end_shard(std::string const& name, shard& s) {
    s.is = phase::done;
    bool const has_children =
        std::any_of(shards_.begin(), shards_.end(), [&](auto const& one) { return one.second.parent == name; });
    if (has_children)
        start_children();
    else
        want_listing(round_);
}

// ---- failures

void shard_reader::lose(std::string const& name, shard& s, bool is_gone, error const& e) {
    if (!how_.skips_lost) {
        lost_ = e.as_failure();
        return;
    }
    ++gaps_;
    s.read = {};
    s.taken = {};
    s.is = phase::ready;
    if (is_gone) end_shard(name, s);
}

bool shard_reader::takes_failure(std::size_t id, error const& e) {
    order const sent = orders_.at(id);
    if (sent.op == operation::describe_stream) return false;
    shard& s = shards_.at(sent.shard);
    bool const is_trimmed = e.code() == service_errc::trimmed_data_access;
    bool const is_gone = e.code() == service_errc::resource_not_found;
    bool const has_expired = e.code() == service_errc::expired_iterator;
    bool const is_refused = e.code() == service_errc::limit_exceeded || e.code() == service_errc::throttling ||
                            e.code() == service_errc::provisioned_throughput_exceeded;
    if (!is_trimmed && !is_gone && !has_expired && !(is_refused && s.refusals < most_refused_reads)) return false;
    orders_.erase(id);
    s.under_way = false;
    if (is_refused) {
        ++s.refusals;
        s.due = round_ + after_refusal;
        return true;
    }
    s.is = phase::ready;
    s.iterator.clear();
    if (has_expired) return true;
    // The oldest change was dropped between two requests: nothing was promised of it, and there is another oldest one.
    if (is_trimmed && !s.read.names_change() && s.refusals++ < most_refused_reads) return true;
    lose(sent.shard, s, is_gone, e);
    return true;
}

void shard_reader::on_failure(std::size_t id, error const&) {
    auto const found = orders_.find(id);
    if (found == orders_.end()) return;
    if (found->second.op == operation::describe_stream) {
        time_point const due = listing_.due;
        listing_ = {}; // begins again with the first page
        listing_.due = due;
    } else {
        shards_.at(found->second.shard).under_way = false;
    }
    orders_.erase(found);
}

} // namespace dynasio::detail
