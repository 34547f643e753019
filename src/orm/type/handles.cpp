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

} // namespace

void throw_not_loaded(relation_name const* name, std::string_view handle) {
    diagnostics d;
    if (name) {
        d.entity = name->entity;
        d.relation_path = std::string(name->entity) + '.' + std::string(name->member);
        d.message = "the relation " + d.relation_path + " was read but is not loaded; load it with with<&" +
                    d.relation_path.replace(name->entity.size(), 1, "::") +
                    ">() or repository::load, or ask loaded() first";
        d.relation_path = std::string(name->entity) + '.' + std::string(name->member);
    } else {
        d.message = "a " + handle_type(handle) +
                    " was read but is not loaded; load it with with<…>() or repository::load, or ask loaded() first";
    }
    throw_error(errc::relation_not_loaded, std::move(d));
}

} // namespace dynasio::detail
