// expect: dynasio: nothing is assigned to a has_one; set() replaces its entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Profile {
    std::string id{};
    std::string user_id{};
};
struct Member {
    std::string id{};
    dynasio::has_one<Profile> profile{};
};
constexpr auto dynasio_schema(dynasio::tag<Profile>) {
    using namespace dynasio;
    return entity<Profile>(partition_key<&Profile::id>, gsi<&Profile::user_id>{"by_user"});
}
constexpr auto dynasio_schema(dynasio::tag<Member>) {
    using namespace dynasio;
    return entity<Member>(partition_key<&Member::id>, relate<&Member::profile>(by<&Profile::user_id>));
}

#ifdef DYNASIO_CONTROL
void use(Member& member, Profile const& profile) {
    member.profile.set(profile);
    member.profile = Member(member).profile;
}
#else
void use(Member& member, Profile const& profile) { member.profile = profile; }
#endif
