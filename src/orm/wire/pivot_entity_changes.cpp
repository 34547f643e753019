#include "pivot_entity_changes.hpp"

#include <dynasio/dynamodb/detail/request_checks.hpp>

#include <dynasio/core/error.hpp>

#include <utility>

#include "answer_members.hpp"

namespace dynasio::detail {

using dynamodb::operation;
using dynamodb::detail::max_transaction_actions;
using dynamodb::detail::max_transaction_size;
using manner = pivot_entities::manner;
using removed = pivot_entities::removed;

// ---- replacing all links

pivot_entity_replacement::pivot_entity_replacement(write_environment const& env, relation_info const& relation,
                                                   std::string near_text, std::vector<wanted_entity> links)
    : link_transactions(env, relation, std::move(near_text)), links_(relation) {
    for (auto& link : links) {
        std::string key = link.far_key;
        wanted_.insert_or_assign(std::move(key), std::move(link));
    }
}

std::optional<pivot_entity_replacement::request> pivot_entity_replacement::next(time_point now) {
    if (!ready(now)) return std::nullopt;
    note_turn(now);
    if (stage_ == stage::commit) return commit();
    request made = begin(operation::get_item);
    made.body = rows_.guard_question(env(), near_);
    return made;
}

void pivot_entity_replacement::on_answer(std::size_t /*id*/, answer const& got) {
    note_answer(got);
    std::string_view const body = got.reply.body();
    switch (stage_) {
    case stage::guard:
        read_units_ += spent_units(body);
        count_ = pivot_rows::read_guard(body);
        stage_ = stage::links;
        finish(); // until found()
        return;
    case stage::links:
        return;
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

void pivot_entity_replacement::found(std::shared_ptr<void> links) {
    resume();
    storage_functions const& storage = links_.type().storage;
    std::map<std::string, void*> there;
    for (std::size_t i = 0; i < storage.size(links.get()); ++i) {
        void* const link = storage.at(links.get(), i);
        std::string key = links_.far_key(links_.ends_of(link));
        // What reads do not give is not removed. Where it is wanted, it is there.
        if (links_.is_in_default_scope(link) || wanted_.contains(key)) there.insert_or_assign(std::move(key), link);
    }
    for (auto const& [key, wanted] : wanted_) {
        auto const at = there.find(key);
        if (at == there.end()) {
            changes_.push_back({change::kind::attach, wanted.ends, key, wanted.link});
            continue;
        }
        if (!changed_.attached.contains(key)) changed_.kept.insert(key);
        if (wanted.link && links_.changes(at->second, storage.at(wanted.link.get(), 0)))
            changes_.push_back({change::kind::rewrite, wanted.ends, key, wanted.link});
    }
    for (auto const& [key, link] : there)
        if (!wanted_.contains(key)) changes_.push_back({change::kind::detach, links_.ends_of(link), key, {}});
    stage_ = changes_.empty() ? stage::confirm : stage::commit;
}

void pivot_entity_replacement::learn(std::vector<bool> const& /*refused*/) { begin_again(); }

void pivot_entity_replacement::begin_again() {
    stage_ = stage::guard;
    changes_.clear();
    changed_.kept.clear();
}

pivot_entity_replacement::request pivot_entity_replacement::commit() {
    std::vector<item_write> writes;
    std::vector<std::shared_ptr<void>> held; // what the writes refer to
    std::size_t size = 0;
    std::string text;
    for (auto const& one : changes_) {
        if (writes.size() + 1 == max_transaction_actions) break;
        if (one.what == change::kind::detach) {
            writes.push_back(links_.detach(env(), one.ends, removed::linked, {}));
        } else {
            auto const how = one.what == change::kind::attach ? manner::create : manner::rewrite;
            held.push_back(links_.make(one.ends, one.link));
            writes.push_back(links_.attach(env(), links_.in(held.back()), how, {}));
        }
        text.clear();
        writes.back().append_transaction_entry(text);
        size += text.size();
        // The text of a write is longer than what it stores.
        if (size > max_transaction_size && writes.size() > 1) {
            writes.pop_back();
            break;
        }
    }
    in_commit_ = writes.size();
    writes.push_back(rows_.count_on(env(), near_, count_));
    return transaction(writes);
}

void pivot_entity_replacement::note_committed() {
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

pivot_entity_toggle::pivot_entity_toggle(write_environment const& env, relation_info const& relation,
                                         std::string near_text, std::vector<wanted_entity> links,
                                         std::set<std::string> const& guessed)
    : link_transactions(env, relation, std::move(near_text)), links_(relation) {
    std::set<std::string> seen;
    for (auto& link : links) {
        if (!seen.insert(link.far_key).second) continue;
        bool const is_there = guessed.contains(link.far_key);
        toggled_.push_back({std::move(link), is_there});
    }
    if (toggled_.empty()) finish();
    if (toggled_.size() <= max_transaction_actions) return;
    diagnostics d;
    d.relation_path = relation.path();
    d.message = "toggle() takes at most " + std::to_string(max_transaction_actions) +
                " links, because it changes all of them or none, and was given " + std::to_string(toggled_.size());
    throw_error(errc::batch_too_large, std::move(d));
}

std::optional<pivot_entity_toggle::request> pivot_entity_toggle::next(time_point now) {
    if (!ready(now)) return std::nullopt;
    note_turn(now);
    std::vector<item_write> writes;
    std::vector<std::shared_ptr<void>> held; // what the writes refer to
    for (auto const& one : toggled_) {
        if (one.is_there) {
            writes.push_back(links_.detach(env(), one.link.ends, removed::linked, {}));
            continue;
        }
        held.push_back(links_.make(one.link.ends, one.link.link));
        writes.push_back(links_.attach(env(), links_.in(held.back()), manner::create, {}));
    }
    return transaction(writes);
}

void pivot_entity_toggle::on_answer(std::size_t /*id*/, answer const& got) {
    note_answer(got);
    note_written(got);
    for (auto const& one : toggled_) (one.is_there ? changed_.detached : changed_.attached).insert(one.link.far_key);
    finish();
}

void pivot_entity_toggle::learn(std::vector<bool> const& refused) {
    for (std::size_t i = 0; i < toggled_.size() && i < refused.size(); ++i)
        if (refused[i]) toggled_[i].is_there = !toggled_[i].is_there;
}

} // namespace dynasio::detail
