#include <dynasio/testing/match.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::testing {

match::match(std::string operation) : operation_(std::move(operation)) {}

match match::narrowed(request_predicate holds, std::string text) const {
    match copy = *this;
    copy.conditions_.push_back(condition{std::move(holds), std::move(text)});
    return copy;
}

match match::table(std::string name) const {
    std::string text = " on \"" + name + '"';
    return narrowed([name = std::move(name)](recorded_request const& r) { return r.names_table(name); },
                    std::move(text));
}

match match::index(std::string name) const {
    std::string text = " through index \"" + name + '"';
    return narrowed([name = std::move(name)](recorded_request const& r) { return r.index == name; }, std::move(text));
}

match match::key_containing(std::string part) const {
    std::string text = " with a key containing \"" + part + '"';
    return narrowed(
        [part = std::move(part)](recorded_request const& r) {
            return std::ranges::any_of(r.keys, [&](auto const& key) { return key.find(part) != std::string::npos; });
        },
        std::move(text));
}

match match::body_containing(std::string part) const {
    std::string text = " with \"" + part + "\" in its body";
    return narrowed(
        [part = std::move(part)](recorded_request const& r) { return r.body.find(part) != std::string::npos; },
        std::move(text));
}

match match::where(request_predicate holds, std::string what) const {
    if (!holds) throw_error(errc::invalid_argument, "match::where() was given an empty function");
    return narrowed(std::move(holds), " where " + what);
}

bool match::operator()(recorded_request const& request) const {
    return (operation_.empty() || operation_ == request.operation) &&
           std::ranges::all_of(conditions_, [&](auto const& c) { return c.holds(request); });
}

std::string match::describe() const {
    std::string text = operation_.empty() ? std::string("any request") : operation_;
    for (auto const& c : conditions_) text += c.text;
    return text;
}

} // namespace dynasio::testing
