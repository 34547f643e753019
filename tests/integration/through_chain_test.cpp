#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/trash.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// has_many_through along more than two steps, and across links, against a naive walk over the same data.
namespace campus {

using namespace dynasio::dsl;

struct Faculty;
struct Chair;
struct Lecturer;
struct Paper;
struct Journal;
struct Issue;
struct Page;

struct University {
    std::string id{};
    has_many<Faculty> faculties{};
    has_many_through<Chair> chairs{};
    has_many_through<Lecturer> lecturers{};
    has_many_through<Paper> papers{};
    has_many_through<Journal> journals{};
};
struct Faculty {
    std::string id{};
    std::string university_id{};
    has_many<Chair> chairs{};
    has_many_through<Paper> papers{};
};
struct Chair {
    std::string id{};
    std::string faculty_id{};
    timestamp deleted_at{};
    belongs_to<Faculty> faculty{};
    belongs_to_many<Lecturer> lecturers{};
    has_many_through<Paper> papers{};
};
struct Lecturer {
    std::string id{};
    int age{};
    belongs_to_many<Chair> chairs{};
    has_many<Paper> papers{};
    has_many_through<Faculty> faculties{};
    has_many_through<Lecturer> colleagues{};
};
struct Paper {
    std::string id{};
    std::string lecturer_id{};
    std::string journal_id{};
    int year{};
    belongs_to<Lecturer> lecturer{};
    belongs_to<Journal> journal{};
    has_many_through<Paper> by_the_same{};
};
struct Journal {
    std::string id{};
    has_one<Issue> issue{};
    has_many_through<Page> pages{};
    has_many_through<Page> first_pages{};
};
/// Several can have one journal, of which a has_one gives the first by number.
struct Issue {
    std::string id{};
    std::string journal_id{};
    int number{};
    has_many<Page> pages{};
    has_one<Page> first_page{};
};
struct Page {
    std::string id{};
    std::string issue_id{};
    int number{};
};

constexpr auto dynasio_schema(tag<University>) {
    return entity<University>(table{"universities"}, partition_key<&University::id>,
                              relate<&University::faculties>(by<&Faculty::university_id>),
                              relate<&University::chairs>(through<&University::faculties, &Faculty::chairs>),
                              relate<&University::lecturers>(through<&University::chairs, &Chair::lecturers>),
                              relate<&University::papers>(through<&University::lecturers, &Lecturer::papers>),
                              relate<&University::journals>(through<&University::papers, &Paper::journal>));
}
constexpr auto dynasio_schema(tag<Faculty>) {
    return entity<Faculty>(table{"faculties"}, partition_key<&Faculty::id>,
                           gsi<&Faculty::university_id>{"by_university"},
                           relate<&Faculty::chairs>(by<&Chair::faculty_id>),
                           relate<&Faculty::papers>(through<&Faculty::chairs, &Chair::papers>));
}
constexpr auto dynasio_schema(tag<Chair>) {
    return entity<Chair>(table{"chairs"}, partition_key<&Chair::id>, gsi<&Chair::faculty_id>{"by_faculty"},
                         soft_delete<&Chair::deleted_at>, relate<&Chair::faculty>(by<&Chair::faculty_id>),
                         relate<&Chair::lecturers>(),
                         relate<&Chair::papers>(through<&Chair::lecturers, &Lecturer::papers>));
}
constexpr auto dynasio_schema(tag<Lecturer>) {
    return entity<Lecturer>(table{"lecturers"}, partition_key<&Lecturer::id>,
                            relate<&Lecturer::chairs>(inverse_of<&Chair::lecturers>),
                            relate<&Lecturer::papers>(by<&Paper::lecturer_id>),
                            relate<&Lecturer::faculties>(through<&Lecturer::chairs, &Chair::faculty>),
                            relate<&Lecturer::colleagues>(through<&Lecturer::chairs, &Chair::lecturers>));
}
constexpr auto dynasio_schema(tag<Paper>) {
    return entity<Paper>(table{"papers"}, partition_key<&Paper::id>, gsi<&Paper::lecturer_id>{"by_lecturer"},
                         relate<&Paper::lecturer>(by<&Paper::lecturer_id>),
                         relate<&Paper::journal>(by<&Paper::journal_id>),
                         relate<&Paper::by_the_same>(through<&Paper::lecturer, &Lecturer::papers>));
}
constexpr auto dynasio_schema(tag<Journal>) {
    return entity<Journal>(table{"journals"}, partition_key<&Journal::id>,
                           relate<&Journal::issue>(by<&Issue::journal_id>),
                           relate<&Journal::pages>(through<&Journal::issue, &Issue::pages>),
                           relate<&Journal::first_pages>(through<&Journal::issue, &Issue::first_page>));
}
constexpr auto dynasio_schema(tag<Issue>) {
    return entity<Issue>(table{"issues"}, partition_key<&Issue::id>,
                         gsi<&Issue::journal_id, &Issue::number>{"by_journal"},
                         relate<&Issue::pages>(by<&Page::issue_id>), relate<&Issue::first_page>(by<&Page::issue_id>));
}
constexpr auto dynasio_schema(tag<Page>) {
    return entity<Page>(table{"pages"}, partition_key<&Page::id>, gsi<&Page::issue_id, &Page::number>{"by_issue"});
}

static_assert(verify<University, Faculty, Chair, Lecturer, Paper, Journal, Issue, Page>());

} // namespace campus

namespace dynasio::through_chain_tests {
namespace {

using campus::Chair;
using campus::Faculty;
using campus::Journal;
using campus::Lecturer;
using campus::Paper;
using campus::University;
using names = std::set<std::string>;

class through_chain : public test::database_test {
protected:
    void SetUp() override {
        create_tables<University, Faculty, Chair, Lecturer, Paper, Journal, campus::Issue, campus::Page>();
        std::mt19937 random(20261129); // NOLINT(bugprone-random-generator-seed): a failure must be repeatable
        auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
        auto const named = [](char const* kind, std::size_t i) { return kind + std::to_string(100 + i); };
        auto const make = [&]<class T>(std::vector<T>& all, char const* kind, std::size_t count, auto const& fill) {
            for (std::size_t i = 0; i < count; ++i) {
                T one;
                one.id = named(kind, i);
                fill(one);
                all.push_back(std::move(one));
            }
        };
        make(universities, "u", 3, [](University&) {});
        make(faculties, "f", 6, [&](Faculty& f) { f.university_id = named("u", below(3)); });
        make(chairs, "c", 12, [&](Chair& c) {
            c.faculty_id = named("f", below(6));
            if (below(2) == 0) c.deleted_at = timestamp(std::chrono::sys_days(std::chrono::year(2025) / 1 / 2));
        });
        make(lecturers, "l", 10, [&](Lecturer& l) { l.age = static_cast<int>(below(5)); });
        make(papers, "p", 30, [&](Paper& p) {
            p.lecturer_id = named("l", below(10));
            p.journal_id = named("j", below(6)); // some of which do not exist
            p.year = static_cast<int>(below(9));
        });
        make(journals, "j", 4, [](Journal&) {});
        save_all(universities);
        save_all(faculties);
        save_all(chairs);
        save_all(lecturers);
        save_all(papers);
        save_all(journals);
        for (auto const& c : chairs) {
            for (std::size_t i = 0; i < 3; ++i) {
                auto const lecturer = named("l", below(12)); // two of which do not exist
                if (!links.emplace(c.id, lecturer).second) continue;
                run(repository<Chair>(direct).related<&Chair::lecturers>(c).attach(lecturer));
            }
        }
    }

    // ---- the naive walk
    names faculties_of(std::string const& university) const {
        names out;
        for (auto const& f : faculties)
            if (f.university_id == university) out.insert(f.id);
        return out;
    }
    names chairs_of(names const& of, bool with_trashed_ones = false) const {
        names out;
        for (auto const& c : chairs)
            if (of.contains(c.faculty_id) && (with_trashed_ones || !is_trashed(c))) out.insert(c.id);
        return out;
    }
    names lecturers_of(names const& of) const {
        names out;
        for (auto const& [chair, lecturer] : links)
            if (of.contains(chair) && contains(lecturers, lecturer)) out.insert(lecturer);
        return out;
    }
    names papers_of(names const& of) const {
        names out;
        for (auto const& p : papers)
            if (of.contains(p.lecturer_id)) out.insert(p.id);
        return out;
    }
    names journals_of(names const& of) const {
        names out;
        for (auto const& p : papers)
            if (of.contains(p.id) && contains(journals, p.journal_id)) out.insert(p.journal_id);
        return out;
    }
    names chairs_of_lecturer(std::string const& id) const {
        names out;
        for (auto const& c : chairs)
            if (links.contains({c.id, id}) && !is_trashed(c)) out.insert(c.id);
        return out;
    }

    template <class T> static bool contains(std::vector<T> const& all, std::string const& id) {
        return std::any_of(all.begin(), all.end(), [&](T const& one) { return one.id == id; });
    }
    template <class Handle> static names names_in(Handle const& handle) {
        names out;
        for (auto const& one : handle) EXPECT_TRUE(out.insert(one.id).second) << one.id << " is there twice";
        return out;
    }
    template <class T> static std::vector<std::string> keys_of(std::vector<T> const& all) {
        std::vector<std::string> keys;
        for (auto const& one : all) keys.push_back(one.id);
        return keys;
    }
    void expect_universities_are_complete() {
        auto const found = run(repository<University>(db).find_many(
            keys_of(universities), with<&University::chairs>(), with<&University::lecturers>(),
            with<&University::papers>(with<&Paper::lecturer>()), with<&University::journals>()));
        for (auto const& u : found) {
            auto const between = chairs_of(faculties_of(u->id));
            EXPECT_EQ(names_in(u->chairs), between) << u->id;
            EXPECT_EQ(names_in(u->lecturers), lecturers_of(between)) << u->id;
            auto const all = papers_of(lecturers_of(between));
            EXPECT_EQ(names_in(u->papers), all) << u->id;
            EXPECT_EQ(names_in(u->journals), journals_of(all)) << u->id;
            for (auto const& p : u->papers) EXPECT_EQ(p.lecturer->id, p.lecturer_id);
        }
    }

    std::vector<University> universities;
    std::vector<Faculty> faculties;
    std::vector<Chair> chairs;
    std::vector<Lecturer> lecturers;
    std::vector<Paper> papers;
    std::vector<Journal> journals;
    std::set<std::pair<std::string, std::string>> links;
};

TEST_F(through_chain, leads_where_a_naive_walk_leads) { expect_universities_are_complete(); }

TEST_F(through_chain, is_complete_when_answers_are_partial_or_late) {
    endpoint.on(testing::match("BatchGetItem")).rate(0.3).leave_unprocessed(testing::first_keys(1));
    endpoint.on(testing::match("Query")).rate(0.1).drop_connection(testing::drop_time::before_forwarding);
    expect_universities_are_complete();
}

TEST_F(through_chain, begins_with_links_or_with_what_is_named) {
    auto const found = run(repository<Lecturer>(db).find_many(keys_of(lecturers), with<&Lecturer::faculties>(),
                                                              with<&Lecturer::colleagues>()));
    for (auto const& l : found) {
        auto const of = chairs_of_lecturer(l->id);
        names wanted;
        for (auto const& c : chairs)
            if (of.contains(c.id)) wanted.insert(c.faculty_id);
        EXPECT_EQ(names_in(l->faculties), wanted) << l->id;
        EXPECT_EQ(names_in(l->colleagues), lecturers_of(of)) << l->id;
    }
    auto const read = run(repository<Paper>(db).find_many(keys_of(papers), with<&Paper::by_the_same>()));
    for (auto const& p : read) EXPECT_EQ(names_in(p->by_the_same), papers_of({p->lecturer_id})) << p->id;
}

TEST_F(through_chain, gives_every_owner_its_own_copies) {
    auto const both = run(repository<Faculty>(db).find_many(keys_of(faculties), with<&Faculty::papers>(),
                                                            with<&Faculty::chairs>(with<&Chair::papers>())));
    for (auto const& f : both) {
        EXPECT_EQ(names_in(f->papers), papers_of(lecturers_of(chairs_of({f->id})))) << f->id;
        for (auto const& c : f->chairs) {
            EXPECT_EQ(names_in(c.papers), papers_of(lecturers_of({c.id}))) << c.id;
            for (auto const& p : c.papers) EXPECT_EQ(p.lecturer_id.substr(0, 1), "l") << "nothing was moved away";
        }
    }
}

TEST_F(through_chain, counts_what_a_load_gives) {
    auto const found = run(repository<University>(db).find_many(
        keys_of(universities), with<&University::lecturers>(), with<&University::papers>(),
        with<&University::journals>(), with_count<&University::lecturers>(), with_count<&University::papers>(),
        with_count<&University::journals>()));
    auto const counts = run(repository<University>(db).count<&University::papers>(universities));
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i]->lecturers.count(), found[i]->lecturers.size());
        EXPECT_EQ(found[i]->papers.count(), found[i]->papers.size());
        EXPECT_EQ(found[i]->journals.count(), found[i]->journals.size());
        EXPECT_EQ(counts[i], found[i]->papers.size());
    }
    for (auto const& u : universities) {
        auto const related = repository<University>(db).related<&University::lecturers>(u);
        auto const wanted = lecturers_of(chairs_of(faculties_of(u.id))).size();
        EXPECT_EQ(run(related.count()), wanted);
        EXPECT_EQ(run(related.exists()), wanted > 0);
    }
    auto const chosen =
        run(repository<University>(db).scan(where_has<&University::papers>(field<&Paper::year> == 8)).all());
    names wanted;
    for (auto const& u : universities) {
        auto const all = papers_of(lecturers_of(chairs_of(faculties_of(u.id))));
        for (auto const& p : papers)
            if (all.contains(p.id) && p.year == 8) wanted.insert(u.id);
    }
    EXPECT_EQ(names_in(chosen), wanted);
}

TEST_F(through_chain, is_ordered_and_limited_as_a_whole) {
    auto const in_order = [&](auto const& all, auto const& value) {
        return std::is_sorted(all.begin(), all.end(), [&](auto const& a, auto const& b) {
            return std::pair(value(a), a.id) < std::pair(value(b), b.id);
        });
    };
    auto const repo = repository<University>(db);
    for (auto const& u : universities) {
        auto const all = run(repo.get(u.id, with<&University::papers>(ascending<&Paper::year>, client_side)));
        EXPECT_TRUE(in_order(all.papers, [](Paper const& p) { return p.year; }));
        auto const some = run(repo.get(
            u.id, with<&University::papers>(ascending<&Paper::year>, client_side, limit(3), offset(1)),
            with<&University::lecturers>(ascending<&Lecturer::age>, client_side, limit(2), field<&Lecturer::age> > 0)));
        std::string wanted;
        for (std::size_t i = 1; i < std::min<std::size_t>(all.papers.size(), 4); ++i)
            wanted += (wanted.empty() ? "" : " ") + all.papers[i].id;
        EXPECT_EQ(ids(some.papers), wanted);
        std::vector<std::pair<int, std::string>> old;
        auto const there = lecturers_of(chairs_of(faculties_of(u.id)));
        for (auto const& l : lecturers)
            if (there.contains(l.id) && l.age > 0) old.emplace_back(l.age, l.id);
        std::sort(old.begin(), old.end());
        wanted.clear();
        for (std::size_t i = 0; i < std::min<std::size_t>(old.size(), 2); ++i)
            wanted += (wanted.empty() ? "" : " ") + old[i].second;
        EXPECT_EQ(ids(some.lecturers), wanted);
    }
    auto const once = run(repo.get("u100", with<&University::lecturers>()));
    auto const again = run(repo.get("u100", with<&University::lecturers>()));
    EXPECT_EQ(ids(once.lecturers), ids(again.lecturers));
}

TEST_F(through_chain, leaves_out_what_is_behind_trashed_entities_unless_told_otherwise) {
    auto const repo = repository<University>(db);
    bool differs = false;
    for (auto const& u : universities) {
        auto const all = run(repo.get(u.id, with<&University::papers>(through_trashed)));
        auto const wanted = papers_of(lecturers_of(chairs_of(faculties_of(u.id), true)));
        EXPECT_EQ(names_in(all.papers), wanted) << u.id;
        differs = differs || wanted != papers_of(lecturers_of(chairs_of(faculties_of(u.id))));
    }
    EXPECT_TRUE(differs) << "the data show nothing";
    for (auto const& l : lecturers) {
        auto const all = run(repository<Lecturer>(db).get(l.id, with<&Lecturer::faculties>(through_trashed)));
        names wanted;
        for (auto const& c : chairs)
            if (links.contains({c.id, l.id})) wanted.insert(c.faculty_id);
        EXPECT_EQ(names_in(all.faculties), wanted) << l.id;
    }
}

TEST_F(through_chain, goes_through_the_one_that_a_has_one_gives) {
    std::vector<campus::Issue> issues(3);
    std::vector<campus::Page> pages(6);
    for (std::size_t i = 0; i < issues.size(); ++i) {
        issues[i].id = "i" + std::to_string(i);
        issues[i].journal_id = "j100";
        issues[i].number = static_cast<int>(issues.size() - i); // i2 is the first
        for (std::size_t k = 0; k < 2; ++k) {
            pages[2 * i + k].id = issues[i].id + (k == 0 ? "b" : "a");
            pages[2 * i + k].issue_id = issues[i].id;
            pages[2 * i + k].number = static_cast<int>(k);
        }
    }
    save_all(issues);
    save_all(pages);
    auto const repo = repository<Journal>(db);
    auto const journal =
        run(repo.get("j100", with<&Journal::issue>(), with<&Journal::pages>(), with<&Journal::first_pages>(),
                     with_count<&Journal::pages>(), with_count<&Journal::first_pages>()));
    EXPECT_EQ(journal.issue->id, "i2");
    EXPECT_EQ(ids(journal.pages), "i2b i2a");
    EXPECT_EQ(ids(journal.first_pages), "i2b");
    EXPECT_EQ(journal.pages.count(), 2u);
    EXPECT_EQ(journal.first_pages.count(), 1u);
}

TEST_F(through_chain, asks_for_everything_once) {
    load_report report;
    auto const found = run(repository<University>(db).get("u100", with<&University::journals>(), report_to(report)));
    auto const of = faculties_of("u100");
    auto const between = chairs_of(of);
    auto const named = lecturers_of(between);
    EXPECT_EQ(report.queries, 1 + of.size() + between.size() + named.size());
    names journals_named;
    for (auto const& p : papers)
        if (named.contains(p.lecturer_id)) journals_named.insert(p.journal_id);
    EXPECT_FALSE(found.journals.empty());
    EXPECT_NE(report.plan.find("links, one for each parent"), std::string::npos) << report.plan;
    auto const summary = describe_relations<University>();
    EXPECT_EQ(summary[4].reads.size(), 6u) << to_string(summary[4]);
}

} // namespace
} // namespace dynasio::through_chain_tests
