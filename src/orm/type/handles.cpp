#include <dynasio/orm/handles.hpp>

#include <dynasio/core/error.hpp>

#include <string>

namespace dynasio::detail {

namespace {

// "… [with Handle = dynasio::has_many<Post>]" gives "has_many<Post>".
std::string handle_type(std::string_view spelled) {
    constexpr std::string_view marker = "Handle = ";
    auto const at = spelled.find(marker);
    if (at == std::string_view::npos) return "relation";
    spelled.remove_prefix(at + marker.size());
    spelled = spelled.substr(0, spelled.find_last_of('>') + 1);
    constexpr std::string_view scope = "dynasio::";
    if (spelled.starts_with(scope)) spelled.remove_prefix(scope.size());
    return std::string(spelled);
}

/// The error of a handle that is not loaded. `what` is that in front of the handle's name, `happened` what was done
/// with it, `word` the word of a load that loads it, and `advice` what else can be done.
[[noreturn]] void throw_unloaded(relation_name const* name, std::string_view handle, std::string what,
                                 std::string_view happened, std::string_view word, std::string_view advice) {
    diagnostics d;
    std::string member = "…";
    if (name) {
        d.entity = name->entity;
        d.relation_path = std::string(name->entity) + '.' + std::string(name->member);
        member = '&' + std::string(name->entity) + "::" + std::string(name->member);
        what += d.relation_path;
    } else {
        what += "a " + handle_type(handle);
    }
    d.message = std::move(what);
    d.message += happened;
    d.message += " but is not loaded; load it with ";
    d.message += word;
    d.message += '<' + member + ">()";
    d.message += advice;
    throw_error(errc::relation_not_loaded, std::move(d));
}

} // namespace

void throw_not_loaded(relation_name const* name, std::string_view handle) {
    throw_unloaded(name, handle, name ? "the relation " : "", " was read", "with",
                   " or repository::load, or ask loaded() first");
}

void throw_not_counted(relation_name const* name, std::string_view handle) {
    throw_unloaded(name, handle, "the count of ", " was read", "with_count", ", or ask counted() first");
}

void throw_not_loaded_to_edit(relation_name const* name, std::string_view handle) {
    throw_unloaded(name, handle, name ? "the relation " : "", " is to be edited", "with",
                   " or repository::load, or give the handle of a new entity its first value with set()");
}

void throw_nothing_to_edit(relation_name const* name, std::string_view handle) {
    diagnostics d;
    std::string what = "a " + handle_type(handle);
    if (name) {
        d.entity = name->entity;
        d.relation_path = std::string(name->entity) + '.' + std::string(name->member);
        what = "the relation " + d.relation_path;
    }
    d.message = what + " is to be edited, and it holds no entity; give it one with set()";
    throw_error(errc::not_found, std::move(d));
}

} // namespace dynasio::detail
