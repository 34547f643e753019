#include "timeline_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "estimate.hpp"
#include "figure_text.hpp"

namespace dynasio::detail {

namespace {

using duration = load_timeline::duration;

std::string counted(std::size_t n, std::string_view what) {
    return std::to_string(n) + ' ' + std::string(what) + (n == 1 ? "" : "s");
}

/// When a request was known, sent and ended, in this order and not before the timeline began. A timeline that the load
/// has recorded is so anyway, but its members are public.
struct request_times {
    duration known{}, sent{}, ended{};

    explicit request_times(load_timeline::request const& r)
        : known(bounded(std::min(r.known, r.sent))), sent(bounded(r.sent)), ended(std::max(sent, bounded(r.ended))) {}
    /// Sums and differences of these do not overflow.
    static duration bounded(duration t) { return std::clamp(t, duration::zero(), duration::max() / 4); }
};

bool is_batch(load_timeline::request const& r) noexcept { return r.operation == "BatchGetItem"; }

std::string group_of(load_timeline::request const& r) {
    return is_batch(r) || r.shares.empty() ? std::string("keys") : r.shares.front().relation;
}

/// The sums of the requests of one row.
struct totals {
    std::map<std::string, std::size_t> shares{};
    std::vector<std::string> order{};
    std::size_t items = 0, unprocessed = 0, again = 0, page = 1;
    double units = 0;
    bool under_way = false;
    std::string error{};
    std::vector<std::size_t> waited_for{};

    void add(load_timeline::request const& r) {
        for (auto const& share : r.shares) {
            auto const [at, is_new] = shares.try_emplace(share.relation);
            if (is_new) order.push_back(share.relation);
            at->second += share.keys;
        }
        items += r.items;
        unprocessed += r.unprocessed;
        again += r.asked_again;
        page = r.page;
        units += r.read_units;
        under_way = under_way || r.under_way;
        if (error.empty()) error = r.error;
        waited_for.insert(waited_for.end(), r.waited_for.begin(), r.waited_for.end());
    }
};

std::string waited_text(std::vector<std::size_t> waited) {
    constexpr std::size_t most_listed = 5;
    std::sort(waited.begin(), waited.end());
    waited.erase(std::unique(waited.begin(), waited.end()), waited.end());
    std::string out = ", waited for ";
    for (std::size_t i = 0; i < waited.size() && i < most_listed; ++i)
        out += (i == 0 ? "" : ", ") + std::to_string(waited[i]);
    if (waited.size() > most_listed) out += " and " + std::to_string(waited.size() - most_listed) + " more";
    return out;
}

std::string about_of(timeline_row const& row, totals const& all) {
    std::string out;
    for (auto const& relation : all.order) {
        out += (out.empty() ? "" : " + ") + relation;
        if (row.is_batch) out += " (" + counted(all.shares.at(relation), "key") + ')';
    }
    if (row.count > 1) out += ", " + counted(row.count, "request");
    if (row.count == 1 && all.page > 1) out += ", page " + std::to_string(all.page);
    out += ", " + counted(all.items, "item");
    if (all.units > 0) out += ", " + short_figure(all.units) + (all.units == 1 ? " read unit" : " read units");
    if (!all.waited_for.empty()) out += waited_text(all.waited_for);
    if (all.again > 0) out += (row.is_batch ? ", " + counted(all.again, "key") : std::string(",")) + " asked for again";
    if (all.unprocessed > 0) out += ", " + counted(all.unprocessed, "key") + " unprocessed";
    if (!row.retries.empty())
        out += ", " + std::to_string(row.retries.size()) + (row.retries.size() == 1 ? " retry" : " retries");
    if (all.under_way) out += ", never answered";
    if (!all.error.empty()) out += ", failed: " + all.error;
    return out;
}

} // namespace

std::string timeline_row::numbers() const {
    return first == last ? std::to_string(first) : std::to_string(first) + '-' + std::to_string(last);
}

std::string milliseconds(duration t) {
    return fixed_text(std::chrono::duration<double, std::milli>(t).count(), 1) + " ms";
}

duration length_of(load_timeline const& timeline) noexcept {
    duration end{};
    for (auto const& r : timeline.requests) end = std::max(end, request_times(r).ended);
    return end;
}

std::vector<timeline_row> rows_of(load_timeline const& timeline, std::size_t most) {
    auto const& requests = timeline.requests;
    std::map<std::string, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < requests.size(); ++i) groups[group_of(requests[i])].push_back(i);
    auto const rows_with = [&](std::size_t each) {
        std::size_t rows = 0;
        for (auto const& [name, members] : groups) rows += (members.size() + each - 1) / each;
        return rows;
    };
    // The number of rows falls while the parts grow.
    std::size_t low = 1;
    std::size_t high = std::max<std::size_t>(requests.size(), 1);
    while (low < high) {
        std::size_t const middle = low + (high - low) / 2;
        if (rows_with(middle) <= most)
            high = middle;
        else
            low = middle + 1;
    }
    std::size_t const each = low;

    std::vector<timeline_row> rows;
    std::vector<totals> sums;
    std::vector<std::size_t> heads;                           // index of the first request of each row
    std::vector<std::size_t> row_of_request(requests.size()); // index in `rows`
    for (auto const& [name, members] : groups) {
        for (std::size_t begin = 0; begin < members.size(); begin += each) {
            std::size_t const end = std::min(begin + each, members.size());
            timeline_row& row = rows.emplace_back();
            totals& sum = sums.emplace_back();
            heads.push_back(members[begin]);
            auto const& head = requests[members[begin]];
            request_times const head_times(head);
            row.first = head.number;
            row.last = requests[members[end - 1]].number;
            row.count = end - begin;
            row.is_batch = is_batch(head);
            row.group = name;
            row.what = head.operation + ' ' + head.target;
            row.known = head_times.known;
            row.sent = head_times.sent;
            for (std::size_t i = begin; i < end; ++i) {
                auto const& r = requests[members[i]];
                row_of_request[members[i]] = rows.size() - 1;
                request_times const times(r);
                row.known = std::min(row.known, times.known);
                row.sent = std::min(row.sent, times.sent);
                row.ended = std::max(row.ended, times.ended);
                for (auto const t : r.retries) row.retries.push_back(std::clamp(t, times.sent, times.ended));
                row.asks_again = row.asks_again || r.asked_again > 0;
                row.failed = row.failed || !r.error.empty() || r.under_way;
                sum.add(r);
                // Batches have other tables each.
                std::string const what = r.operation + ' ' + r.target;
                if (what != row.what) row.what = head.operation;
            }
            std::sort(row.retries.begin(), row.retries.end());
        }
    }
    std::vector<std::size_t> order(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
        return std::pair(rows[x].first, heads[x]) < std::pair(rows[y].first, heads[y]);
    });
    std::vector<timeline_row> sorted;
    std::vector<std::size_t> place(rows.size()); // of each row in `sorted`
    for (auto const i : order) {
        rows[i].about = about_of(rows[i], sums[i]);
        place[i] = sorted.size();
        sorted.push_back(rows[i]);
    }
    std::map<std::size_t, std::size_t> request_of_number;
    for (std::size_t i = 0; i < requests.size(); ++i) request_of_number.try_emplace(requests[i].number, i);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        load_timeline::request const* last = nullptr;
        for (auto const number : requests[heads[order[i]]].waited_for) {
            auto const at = request_of_number.find(number);
            if (at == request_of_number.end()) continue; // it was taken out of the timeline
            auto const& other = requests[at->second];
            if (last != nullptr && other.ended <= last->ended) continue;
            last = &other;
            std::size_t const row = place[row_of_request[at->second]];
            sorted[i].behind = row != i ? std::optional(row) : std::nullopt;
        }
    }
    return sorted;
}

std::string headline_of(load_timeline const& timeline) {
    auto const& requests = timeline.requests;
    std::vector<std::pair<duration, int>> changes;
    std::size_t items = 0;
    double units = 0;
    for (auto const& r : requests) {
        // One of no length was under way as well.
        request_times const times(r);
        changes.emplace_back(times.sent, 1);
        changes.emplace_back(std::max(times.ended, times.sent + duration(1)), -1);
        items += r.items;
        units += r.read_units;
    }
    // An end comes before a begin at the same time.
    std::sort(changes.begin(), changes.end());
    int now = 0;
    int most = 0;
    for (auto const& [t, change] : changes) most = std::max(most, now += change);
    std::string out = counted(requests.size(), "request") + " in " + milliseconds(length_of(timeline)) + ", at most " +
                      std::to_string(most) + " at the same time, " + counted(items, "item");
    if (units > 0) out += ", " + short_figure(units) + (units == 1 ? " read unit" : " read units");
    if (timeline.left_out > 0) out += "; " + std::to_string(timeline.left_out) + " more are not recorded";
    return out;
}

} // namespace dynasio::detail
