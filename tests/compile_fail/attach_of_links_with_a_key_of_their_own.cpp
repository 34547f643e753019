// expect: dynasio: the key of these links is not made of the keys of the two sides alone
#include <dynasio/orm/repository.hpp>

#include <string>

struct Course;
struct Enrolment;
struct Pupil {
    std::string id{};
    dynasio::belongs_to_many<Course, Enrolment> courses{};
};
struct Course {
    std::string id{};
};
struct Enrolment {
    std::string id{};
    std::string pupil_id{};
    std::string course_id{};
};
constexpr auto dynasio_schema(dynasio::tag<Enrolment>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Enrolment>(partition_key<&Enrolment::pupil_id>, sort_key<&Enrolment::course_id>);
#else
    return entity<Enrolment>(partition_key<&Enrolment::id>, gsi<&Enrolment::pupil_id>{"by_pupil"});
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Pupil>) {
    using namespace dynasio;
    return entity<Pupil>(partition_key<&Pupil::id>,
                         relate<&Pupil::courses>(via<&Enrolment::pupil_id, &Enrolment::course_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Course>) {
    using namespace dynasio;
    return entity<Course>(partition_key<&Course::id>);
}
auto use(dynasio::repository<Pupil> const& pupils, Pupil& pupil, Course const& course) {
    return pupils.related<&Pupil::courses>(pupil).attach(course);
}
