#include "link_changes.hpp"

#include <dynasio/dynamodb/detail/idempotency_token.hpp>
#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

#include "answer_members.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

using dynamodb::operation;
using dynamodb::detail::max_transaction_actions;
using dynamodb::detail::max_transaction_size;
using namespace std::chrono_literals;

namespace {

/// Of refusals one after the other, each of which somebody else has caused.
constexpr unsigned most_refused_commits = 16;
constexpr auto first_pause = 10ms;
constexpr unsigned most_doublings = 6;

/// A random number in [0, 1), of the last four hexadecimal digits of a token, which are random. A transaction that is
/// refused has no answer to take one from, and two clients that pause alike would meet again.
double jitter_of(std::string_view token) noexcept {
    unsigned digits = 0;
    std::string_view const last = token.substr(token.size() - 4);
    std::from_chars(last.data(), last.data() + last.size(), digits, 16);
    return digits / 65536.0;
}

bool is_refusal(cancellation_reason const& reason) noexcept {
    return dynamodb::detail::service_code_of(reason) == service_errc::conditional_check_failed;
}
bool passes_by_itself(cancellation_reason const& reason) noexcept {
    auto const code = dynamodb::detail::service_code_of(reason);
    return !reason.failed() || is_refusal(reason) || code == service_errc::transaction_conflict ||
           code == service_errc::throttling || code == service_errc::provisioned_throughput_exceeded;
}

/// Reads the rows of a page of links.
class rows_of_page final : public page_sink {
public:
    rows_of_page(pivot_rows const& rows, std::map<std::string, link_row>& into) : rows_(rows), into_(into) {}
    void read_items(dynamodb::json_reader& in) override {
        in.enter_array();
        while (in.next_element()) {
            std::string_view const text = in.rest();
            link_row row;
            try {
                rows_.read(in, row);
            } catch (error const& e) {
                diagnostics d = e.info();
                d.key = rows_.key_of_row(text);
                throw_error(e.code(), std::move(d));
            }
            std::string key = row.far_key;
            into_.insert_or_assign(std::move(key), std::move(row));
        }
    }

private:
    pivot_rows const& rows_;
    std::map<std::string, link_row>& into_;
};

} // namespace

// ---- what both have in common

link_transactions::link_transactions(write_environment const& env, relation_info const& relation, std::string near_text)
    : rows_(relation), near_(std::move(near_text)), relation_(&relation), prefix_(env.table_prefix), now_(env.now) {}

bool link_transactions::ready(time_point now) const { return !done_ && !under_way_ && now >= due_; }

std::optional<link_transactions::time_point> link_transactions::wake_at() const {
    if (done_ || under_way_) return std::nullopt;
    return due_;
}

link_transactions::request link_transactions::begin(operation op) {
    under_way_ = true;
    op_ = op;
    request made{0, op, {}};
    return made;
}

link_transactions::request link_transactions::transaction(std::vector<item_write> const& writes) {
    request made = begin(operation::transact_write_items);
    made.repeats_cancelled = true;
    made.body = R"({"TransactItems":[)";
    for (auto const& write : writes) {
        if (made.body.back() != '[') made.body += ',';
        write.append_transaction_entry(made.body);
    }
    std::string token;
    dynamodb::detail::append_idempotency_token(token);
    made.body += R"(],"ClientRequestToken":)";
    dynamodb::append_json_string(made.body, token);
    jitter_ = jitter_of(token);
    made.body += '}';
    return made;
}

void link_transactions::note_answer(answer const& got) {
    under_way_ = false;
    last_turn_ = got.now;
}

void link_transactions::note_written(answer const& got) {
    try {
        write_units_ += read_write_answer(got.reply.body()).write_units;
    } catch (error const& e) {
        diagnostics d = e.info();
        // Status 200 with an unreadable body may be a success of the service or the answer of a proxy.
        add_context(d, {.outcome_unknown = true});
        throw_error(e.code(), std::move(d));
    }
    refusals_ = 0;
}

void link_transactions::describe(std::size_t /*id*/, diagnostics& d) const {
    bool const asks_guard = op_ == operation::get_item;
    auto const table = physical_table(prefix_, asks_guard ? rows_.guard_table() : table_of_links());
    auto const path = relation_->path();
    add_context(d, {.operation = to_string(op_), .table = table, .relation_path = path});
    if (asks_guard && rows_.guard_table() != table_of_links() && d.service_code == "ResourceNotFoundException") {
        if (!d.message.empty()) d.message += "; ";
        d.message += "sync() counts its turns there: create_tables<> makes the table";
    }
    if (refusals_ < most_refused_commits) return;
    if (!d.message.empty()) d.message += "; ";
    d.message += "others were changing the same links of " + path + " all the time; try again";
}

void link_transactions::describe_whole(diagnostics& d) const {
    if (changed_.attached.empty() && changed_.detached.empty()) return;
    if (!d.message.empty()) d.message += "; ";
    d.message += std::to_string(changed_.attached.size()) + " links had been attached and " +
                 std::to_string(changed_.detached.size()) + " detached by then";
}

bool link_transactions::pauses() {
    if (++refusals_ >= most_refused_commits) return false;
    // The first refusal tells what is stored. Those that follow come from others who change the same links now.
    if (refusals_ == 1) return true;
    auto const longest = first_pause * (1U << std::min(refusals_ - 2, most_doublings));
    due_ = last_turn_ + std::chrono::duration_cast<time_point::duration>(longest * (0.5 + jitter_ / 2));
    return true;
}

bool link_transactions::takes_failure(std::size_t /*id*/, error const& e) {
    if (e.code() == boost::asio::error::operation_aborted || op_ != operation::transact_write_items) return false;
    auto const& reasons = e.info().cancellation_reasons;
    bool const passes = !reasons.empty() && std::all_of(reasons.begin(), reasons.end(), passes_by_itself);
    if (!passes || !pauses()) return false;
    under_way_ = false;
    std::vector<bool> refused;
    refused.reserve(reasons.size());
    for (auto const& reason : reasons) refused.push_back(is_refusal(reason));
    learn(refused);
    return true;
}

void link_transactions::on_failure(std::size_t /*id*/, error const&) { under_way_ = false; }

// ---- replacing all links

link_replacement::link_replacement(write_environment const& env, relation_info const& relation, std::string near_text,
                                   std::string near_key, std::vector<wanted_row> links)
    : link_transactions(env, relation, std::move(near_text)),
      text_(rows_.text(physical_table(env.table_prefix, rows_.table()), true)), near_key_(std::move(near_key)) {
    for (auto& link : links) {
        std::string key = link.far_key;
        wanted_.insert_or_assign(std::move(key), std::move(link));
    }
}

std::optional<link_replacement::request> link_replacement::next(time_point now) {
    if (!ready(now)) return std::nullopt;
    note_turn(now);
    switch (stage_) {
    case stage::guard:
    case stage::confirm: {
        request made = begin(operation::get_item);
        made.body = rows_.guard_question(env(), near_);
        return made;
    }
    case stage::links: {
        request made = begin(operation::query);
        std::string_view const key = near_key_;
        text_.append_body(made.body, key_values(&key, 1), std::nullopt, cursor_);
        return made;
    }
    case stage::commit:
        break;
    }
    return commit();
}

void link_replacement::on_answer(std::size_t /*id*/, answer const& got) {
    note_answer(got);
    std::string_view const body = got.reply.body();
    switch (stage_) {
    case stage::guard:
        read_units_ += spent_units(body);
        count_ = pivot_rows::read_guard(body);
        stage_ = stage::links;
        return;
    case stage::links: {
        rows_of_page sink(rows_, found_);
        auto page = read_page(body, cursor_, sink);
        read_units_ += page.read_units;
        cursor_ = std::move(page.next);
        if (cursor_.empty()) decide();
        return;
    }
    case stage::commit:
        note_written(got);
        note_committed();
        return;
    case stage::confirm:
        read_units_ += spent_units(body);
        if (pivot_rows::read_guard(body) == count_)
            finish();
        else
            begin_again();
        return;
    }
}

void link_replacement::learn(std::vector<bool> const& /*refused*/) { begin_again(); }

void link_replacement::begin_again() {
    stage_ = stage::guard;
    cursor_.clear();
    found_.clear();
    changes_.clear();
    changed_.kept.clear();
}

void link_replacement::decide() {
    for (auto const& [key, link] : wanted_) {
        auto const at = found_.find(key);
        if (at == found_.end()) {
            changes_.push_back({key, link.far_text, link.data, change::kind::attach});
            continue;
        }
        if (!changed_.attached.contains(key)) changed_.kept.insert(key);
        if (link.data && rows_.changes(at->second.data, *link.data))
            changes_.push_back({key, at->second.far_text, link.data, change::kind::rewrite});
    }
    for (auto const& [key, row] : found_)
        if (!wanted_.contains(key)) changes_.push_back({key, row.far_text, {}, change::kind::detach});
    stage_ = changes_.empty() ? stage::confirm : stage::commit;
}

link_replacement::request link_replacement::commit() {
    using required = pivot_rows::required;
    std::vector<item_write> writes;
    std::vector<item_write> of_one;
    std::size_t size = 0;
    std::string text;
    in_commit_ = 0;
    for (auto const& one : changes_) {
        pivot_rows::ids const both{near_, one.far_text};
        of_one.clear();
        if (one.what == change::kind::detach)
            rows_.append_detach(of_one, env(), both, required::present);
        else
            rows_.append_attach(of_one, env(), both, one.data,
                                one.what == change::kind::attach ? required::absent : required::present);
        if (writes.size() + of_one.size() >= max_transaction_actions) break;
        text.clear();
        for (auto const& write : of_one) write.append_transaction_entry(text);
        size += text.size();
        // The text of a write is longer than what it stores.
        if (size > max_transaction_size && !writes.empty()) break;
        for (auto& write : of_one) writes.push_back(std::move(write));
        ++in_commit_;
    }
    writes.push_back(rows_.count_on(env(), near_, count_));
    return transaction(writes);
}

void link_replacement::note_committed() {
    ++count_;
    auto const end = changes_.begin() + static_cast<std::ptrdiff_t>(in_commit_);
    for (auto at = changes_.begin(); at != end; ++at) {
        if (at->what == change::kind::attach) changed_.attached.insert(at->far_key);
        if (at->what == change::kind::detach) changed_.detached.insert(at->far_key);
    }
    changes_.erase(changes_.begin(), end);
    if (changes_.empty()) finish();
}

// ---- toggling

link_toggle::link_toggle(write_environment const& env, relation_info const& relation, std::string near_text,
                         std::vector<wanted_row> links, std::set<std::string> const& guessed)
    : link_transactions(env, relation, std::move(near_text)) {
    std::set<std::string> seen;
    for (auto& link : links) {
        if (!seen.insert(link.far_key).second) continue;
        bool const is_there = guessed.contains(link.far_key);
        links_.push_back({std::move(link), is_there});
    }
    if (links_.empty()) finish();
    std::size_t rows = 0;
    for (auto const& one : links_) rows += rows_.is_pair({near_, one.link.far_text}) ? 2 : 1;
    if (rows <= max_transaction_actions) return;
    diagnostics d;
    d.relation_path = relation.path();
    d.message = "toggle() takes at most " +
                std::to_string(relation.is_symmetric ? max_transaction_actions / 2 : max_transaction_actions) +
                " links, because it changes all of them or none, and was given " + std::to_string(links_.size());
    throw_error(errc::batch_too_large, std::move(d));
}

std::optional<link_toggle::request> link_toggle::next(time_point now) {
    if (!ready(now)) return std::nullopt;
    note_turn(now);
    std::vector<item_write> writes;
    for (auto& one : links_) {
        pivot_rows::ids const both{near_, one.link.far_text};
        one.place = writes.size();
        if (one.is_there)
            rows_.append_detach(writes, env(), both, pivot_rows::required::present);
        else
            rows_.append_attach(writes, env(), both, one.link.data, pivot_rows::required::absent);
    }
    return transaction(writes);
}

void link_toggle::on_answer(std::size_t /*id*/, answer const& got) {
    note_answer(got);
    note_written(got);
    for (auto const& one : links_) (one.is_there ? changed_.detached : changed_.attached).insert(one.link.far_key);
    finish();
}

void link_toggle::learn(std::vector<bool> const& refused) {
    for (auto& one : links_)
        if (one.place < refused.size() && refused[one.place]) one.is_there = !one.is_there;
}

// ---- the two rows of a link

link_pair::link_pair(write_environment const& env, relation_info const& relation, pivot_rows::ids both)
    : link_transactions(env, relation, both.near), both_(std::move(both)) {}

link_pair::link_pair(write_environment const& env, relation_info const& relation, pivot_rows::ids both,
                     std::optional<dynasio::pivot> const& data)
    : link_pair(env, relation, std::move(both)) {
    rows_.append_attach(writes_, env, both_, data, pivot_rows::required::nothing);
}

std::unique_ptr<link_pair> link_pair::detaching(write_environment const& env, relation_info const& relation,
                                                pivot_rows::ids both) {
    std::unique_ptr<link_pair> made(new link_pair(env, relation, std::move(both)));
    made->decide_detach();
    return made;
}

/// Requires that the row of the near side is there or is not, as it is thought to be. Without a row there, that of the
/// far side may be left of a link that somebody else has written by halves.
void link_pair::decide_detach() {
    writes_.clear();
    rows_.append_detach(writes_, env(), both_,
                        was_there_ ? pivot_rows::required::present : pivot_rows::required::absent);
}

std::optional<link_pair::request> link_pair::next(time_point now) {
    if (!ready(now)) return std::nullopt;
    note_turn(now);
    return transaction(writes_);
}

void link_pair::on_answer(std::size_t /*id*/, answer const& got) {
    note_answer(got);
    note_written(got);
    finish();
}

void link_pair::learn(std::vector<bool> const& refused) {
    if (!refused.front()) return;
    was_there_ = !was_there_;
    decide_detach();
}

} // namespace dynasio::detail
