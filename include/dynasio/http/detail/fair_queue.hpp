#ifndef DYNASIO_HTTP_DETAIL_FAIR_QUEUE_HPP
#define DYNASIO_HTTP_DETAIL_FAIR_QUEUE_HPP

#include <dynasio/http/traffic.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>

namespace dynasio::http::detail {

/// The order in which waiting operations get a connection (see `traffic`). Does no I/O and allocates nothing. `Entry`
/// derives from boost::intrusive::list_base_hook<> and has a constant member `kind` of type traffic.
template <class Entry> class fair_queue {
public:
    void push(Entry& entry) noexcept { lane(entry.kind).push_back(entry); }
    /// Removes and returns the entry whose turn it is; null when the queue is empty.
    [[nodiscard]] Entry* pop() noexcept {
        // A fan-out request has its turn after a single request was served while it waited. That debt, instead of
        // strict alternation, lets a lone single request go first whatever class was served last.
        bool const single = !singles_.empty() && !(fan_out_is_owed_ && !fan_outs_.empty());
        if (!single && fan_outs_.empty()) return nullptr;
        fan_out_is_owed_ = single && !fan_outs_.empty();
        auto& from = single ? singles_ : fan_outs_;
        Entry& next = from.front();
        from.pop_front();
        return &next;
    }
    /// Removes an entry that gives up waiting. Precondition: `entry` is in this queue.
    void remove(Entry& entry) noexcept {
        auto& from = lane(entry.kind);
        from.erase(from.iterator_to(entry));
    }
    [[nodiscard]] std::size_t size() const noexcept { return singles_.size() + fan_outs_.size(); }
    [[nodiscard]] bool empty() const noexcept { return singles_.empty() && fan_outs_.empty(); }

private:
    using list = boost::intrusive::list<Entry>;
    [[nodiscard]] list& lane(traffic kind) noexcept { return kind == traffic::single ? singles_ : fan_outs_; }

    list singles_{};
    list fan_outs_{};
    bool fan_out_is_owed_ = false;
};

} // namespace dynasio::http::detail

#endif
