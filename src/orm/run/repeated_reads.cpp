#include "repeated_reads.hpp"

#include <dynasio/dynamodb/client_options.hpp>
#include <dynasio/dynamodb/observer.hpp>

#include <dynasio/core/error.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio {

namespace detail {

namespace {

/// The deleter of a pointer to an engine that has a scope: it holds the client's own pointer, and the counts. So the
/// scope goes wherever the handle's pointer goes, and nothing else of the library knows of it.
struct scope_of_reads {
    engine_ptr engine{};
    std::shared_ptr<read_counter> counter{};

    void operator()(dynamodb::detail::engine*) const noexcept {}
};

/// "2nd", "11th", "21st"
std::string ordinal(std::size_t n) {
    bool const is_teen = n % 100 / 10 == 1;
    std::string_view const end = is_teen || n % 10 > 3 || n % 10 == 0 ? "th"
                                 : n % 10 == 1                        ? "st"
                                 : n % 10 == 2                        ? "nd"
                                                                      : "rd";
    return std::to_string(n).append(end);
}

} // namespace

read_counter::outcome read_counter::on_read(relation_info const& relation) {
    std::size_t times = 0;
    {
        std::lock_guard const lock(mutex_);
        times = ++times_[&relation];
    }
    if (times < what_.times()) return {verdict::fine, times};
    if (what_.fails()) return {verdict::fail, times};
    return {times == what_.times() ? verdict::tell : verdict::fine, times};
}

void note_read_of_one(engine_ptr const& engine, relation_info const& relation, std::source_location where) {
    // Calls about one entity tell where they are. What the library reads for a call of another kind is no loop of the
    // program's.
    if (where.line() == 0) return;
    auto const* const scope = std::get_deleter<scope_of_reads>(engine);
    if (scope == nullptr) return;
    auto const [what, times] = scope->counter->on_read(relation);
    if (what == read_counter::verdict::fine) return;
    std::string const path = relation.path();
    if (what == read_counter::verdict::tell) {
        auto const& observer = engine->options().observer;
        if (!observer) return;
        relation_read_repeatedly event;
        event.relation = path;
        event.times = times;
        event.file = where.file_name();
        event.line = where.line();
        event.function = where.function_name();
        observer->on_repeated_reads(event);
        return;
    }
    diagnostics d;
    d.relation_path = path;
    d.message = path + " for the " + ordinal(times) + " time, at " + std::string(where.file_name()) + ':' +
                std::to_string(where.line()) + " in " + where.function_name();
    d.message += "; load it for all entities at once, with<> them or by load() of a vector";
    throw_error(errc::repeated_reads, std::move(d));
}

} // namespace detail

client watch_repeated_reads(client const& db, repeated_reads what) {
    if (what.times() < 2)
        throw_error(errc::invalid_argument,
                    "repeated_reads() takes at least 2 times: a single lazy load is no mistake");
    detail::engine_ptr engine = client_access::engine(db);
    // A handle that has a scope already gets another one.
    if (auto const* const outer = std::get_deleter<detail::scope_of_reads>(engine)) engine = outer->engine;
    auto* const raw = engine.get();
    auto counter = std::make_shared<detail::read_counter>(what);
    detail::engine_ptr scoped(raw, detail::scope_of_reads{std::move(engine), std::move(counter)});
    return client_access::with_engine(db, std::move(scoped));
}

} // namespace dynasio
