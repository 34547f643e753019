#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/load_report.hpp>

#include <array>
#include <string>
#include <vector>

#include "integration/database_test.hpp"
#include "support/property.hpp"

// Relations that a text names, that a program puts into a vector, and that schemas ask for, against a real server.
namespace studio {

using namespace dynasio::dsl;

struct Project;
struct Task;
struct Label;
struct Person {
    std::string id{};
    std::string name{};
    dynasio::has_many<Project> leads{};
};
struct Company {
    std::string id{};
    dynasio::has_many<Project> projects{};
    dynasio::belongs_to_many<Label> labels{};
};
/// Brings who leads it.
struct Project {
    std::string id{};
    std::string company_id{};
    std::string lead_id{};
    std::string state{};
    dynasio::belongs_to<Company> company{};
    dynasio::belongs_to<Person> lead{};
    dynasio::has_many<Task> tasks{};
};
/// Brings its project, and so who leads that.
struct Task {
    std::string id{};
    std::string project_id{};
    std::string doneBy{};
    dynasio::belongs_to<Project> project{};
    dynasio::belongs_to<Person> worker{};
};
struct Label {
    std::string id{};
};

constexpr auto dynasio_schema(dynasio::tag<Person>) {
    return entity<Person>(table{"persons"}, partition_key<&Person::id>, relate<&Person::leads>(by<&Project::lead_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Company>) {
    return entity<Company>(table{"companies"}, partition_key<&Company::id>,
                           relate<&Company::projects>(by<&Project::company_id>), relate<&Company::labels>());
}
constexpr auto dynasio_schema(dynasio::tag<Project>) {
    return entity<Project>(table{"projects"}, partition_key<&Project::id>, gsi<&Project::company_id>{"by_company"},
                           gsi<&Project::lead_id>{"by_lead"}, relate<&Project::company>(by<&Project::company_id>),
                           relate<&Project::lead>(by<&Project::lead_id>),
                           relate<&Project::tasks>(by<&Task::project_id>), autoload<&Project::lead>());
}
constexpr auto dynasio_schema(dynasio::tag<Task>) {
    return entity<Task>(table{"tasks"}, partition_key<&Task::id>, gsi<&Task::project_id>{"by_project"},
                        relate<&Task::project>(by<&Task::project_id>), relate<&Task::worker>(by<&Task::doneBy>),
                        autoload<&Task::project>());
}
constexpr auto dynasio_schema(dynasio::tag<Label>) { return entity<Label>(table{"labels"}, partition_key<&Label::id>); }

} // namespace studio

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using studio::Company;
using studio::Label;
using studio::Person;
using studio::Project;
using studio::Task;

class asked_relations_test : public test::database_test {
protected:
    repository<Company> companies{db};
    repository<Project> projects{db};
    repository<Task> tasks{db};
    repository<Person> persons{db};
    include_list<Company> const includable{
        with<&Company::labels>(),
        with<&Company::projects>(field<&Project::state> == "open", limit(2), without_autoload,
                                 with<&Project::tasks>(without_autoload, with<&Task::worker>()),
                                 with<&Project::lead>())};

    /// A company with the projects 1 to 4, of which 2 is closed; each has a lead and a task that somebody else does.
    void SetUp() override {
        create_tables<Company, Project, Task, Person, Label>();
        Company company;
        company.id = "c";
        save(company);
        Label label;
        label.id = "blue";
        save(label);
        run(repository<Company>(direct).related<&Company::labels>(company).attach(label));
        for (int i = 1; i <= 4; ++i) {
            auto const n = std::to_string(i);
            Person lead, worker;
            lead.id = "lead" + n;
            worker.id = "worker" + n;
            save(lead);
            save(worker);
            Project project;
            project.id = "p" + n;
            project.company_id = "c";
            project.lead_id = lead.id;
            project.state = i == 2 ? "closed" : "open";
            save(project);
            Task task;
            task.id = "t" + n;
            task.project_id = project.id;
            task.doneBy = worker.id;
            save(task);
        }
        endpoint.clear();
    }
};

TEST_F(asked_relations_test, that_a_text_names_are_loaded_with_the_constraints_of_the_list) {
    auto const company = run(companies.get("c", includable.parse("projects.tasks.worker, labels")));
    EXPECT_EQ(ids(company.labels), "blue");
    EXPECT_EQ(ids(company.projects), "p1 p3") << "the constraints of the program";
    EXPECT_EQ(ids(company.projects[1].tasks), "t3");
    EXPECT_EQ(company.projects[1].tasks[0].worker->id, "worker3");
    EXPECT_FALSE(company.projects[1].lead.loaded());

    auto const plain = run(companies.get("c", includable.parse("")));
    EXPECT_FALSE(plain.projects.loaded());
    EXPECT_FALSE(plain.labels.loaded());
}

TEST_F(asked_relations_test, that_a_text_names_wrongly_send_nothing) {
    for (auto const* const text :
         {"projects.company", "projects.tasks.project", "owner", "labels,", "projects labels"}) {
        auto const f = failure_of_call([&] { (void)companies.get("c", includable.parse(text)); });
        EXPECT_EQ(f.code, errc::invalid_argument) << text;
        EXPECT_EQ(f.info->entity, "Company");
    }
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(asked_relations_test, of_any_text_are_those_that_it_names) {
    test::property_run random;
    SCOPED_TRACE(random.how_to_repeat());
    std::array<std::string, 5> const all{"labels", "projects", "projects.lead", "projects.tasks",
                                         "projects.tasks.worker"};
    for (std::size_t round = 0; round < test::property_run::rounds(25); ++round) {
        std::string text;
        for (std::size_t i = random.below(6); i > 0; --i)
            text += std::string(text.empty() ? "" : ",") + (random.one_in(3) ? " " : "") + random.of(all);
        SCOPED_TRACE(text);
        auto const names = [&](std::string const& path) { return text.find(path) != std::string::npos; };
        auto const company = run(companies.get("c", includable.parse(text)));
        EXPECT_EQ(company.labels.loaded(), names("labels"));
        ASSERT_EQ(company.projects.loaded(), names("projects"));
        if (!company.projects.loaded()) continue;
        ASSERT_EQ(ids(company.projects), "p1 p3");
        for (auto const& project : company.projects) {
            EXPECT_EQ(project.lead.loaded(), names("lead"));
            ASSERT_EQ(project.tasks.loaded(), names("tasks"));
            if (project.tasks.loaded()) {
                EXPECT_EQ(project.tasks[0].worker.loaded(), names("worker"));
            }
        }
    }
}

TEST_F(asked_relations_test, come_with_every_kind_of_read) {
    auto const named = paths<Company>("projects.tasks", everything_allowed);
    auto const expect_tasks = [&](Company const& company) {
        ASSERT_TRUE(company.projects.loaded());
        EXPECT_EQ(ids(company.projects), "p1 p2 p3 p4");
        EXPECT_EQ(ids(company.projects[3].tasks), "t4");
    };
    expect_tasks(*run(companies.find("c", named)));
    expect_tasks(*run(companies.find_many(std::vector<std::string>{"c", "none"}, named))[0]);
    expect_tasks(run(companies.scan(named).all())[0]);
    expect_tasks(run(companies.where(field<&Company::id> == "c").with(named).page(1)).items[0]);
    run(companies.scan(named).for_each_page(1, [&](std::vector<Company>&& page) {
        for (auto const& each : page) expect_tasks(each);
    }));
    auto company = run(companies.get("c"));
    run(companies.load(company, named));
    expect_tasks(company);
    // The same is asked for once, whether it was written in C++ or in the text.
    load_report report;
    auto const both =
        run(companies.get("c", named, with<&Company::projects>(with<&Project::lead>()), report_to(report)));
    expect_tasks(both);
    EXPECT_EQ(both.projects[0].lead->id, "lead1");
    EXPECT_EQ(report.queries, 5U) << "the projects, and the tasks of each";
}

TEST_F(asked_relations_test, of_schemas_come_by_themselves_at_every_level) {
    auto const task = run(tasks.get("t3"));
    EXPECT_EQ(task.project->id, "p3");
    EXPECT_EQ(task.project->lead->id, "lead3");
    EXPECT_FALSE(task.project->company.loaded());
    EXPECT_FALSE(task.worker.loaded());
    EXPECT_EQ(endpoint.count(), 3u) << "the task, its project, who leads that";
    EXPECT_EQ(run(tasks.find("t3"))->project->lead->id, "lead3");

    std::vector<std::string> const keys{"t1", "none", "t4"};
    auto const some = run(tasks.find_many(keys));
    EXPECT_EQ(some[0]->project->lead->id, "lead1");
    EXPECT_FALSE(some[1]);
    EXPECT_EQ(some[2]->project->lead->id, "lead4");
    EXPECT_EQ(run(tasks.where(field<&Task::project_id> == "p2").first())->project->lead->id, "lead2");
    EXPECT_EQ(run(tasks.where(field<&Task::project_id> == "p2").only()).project->lead->id, "lead2");
    std::size_t seen = 0;
    run(tasks.scan().for_each_page(3, [&](std::vector<Task>&& page) {
        for (auto const& each : page) {
            EXPECT_EQ(each.project->lead->id, "lead" + each.id.substr(1));
            ++seen;
        }
    }));
    EXPECT_EQ(seen, 4U);
    // Those of entities that a relation leads to.
    auto const person = run(persons.get("lead2", with<&Person::leads>(with<&Project::tasks>())));
    EXPECT_EQ(person.leads[0].lead->id, "lead2");
    EXPECT_EQ(person.leads[0].tasks[0].project->lead->id, "lead2");
}

TEST_F(asked_relations_test, of_schemas_can_be_left_out) {
    EXPECT_FALSE(run(tasks.find("t3", without_autoload))->project.loaded());
    EXPECT_FALSE(run(tasks.scan(without_autoload).all())[0].project.loaded());
    EXPECT_EQ(endpoint.count(), 2u);
    auto const task = run(tasks.get("t3", with<&Task::project>(without_autoload)));
    EXPECT_FALSE(task.project->lead.loaded());
    EXPECT_EQ(run(tasks.scan().count()), 4U);
    EXPECT_TRUE(run(tasks.scan().exists()));
    EXPECT_EQ(endpoint.count("BatchGetItem"), 1u) << "counting loads nothing";
}

TEST_F(asked_relations_test, of_schemas_are_saved_with_nothing) {
    auto task = run(tasks.get("t3"));
    task.doneBy = "worker1";
    run(tasks.save(task));
    EXPECT_EQ(stored("tasks", "t3").size(), 3U) << "id, project_id, done_by";
    EXPECT_EQ(run(tasks.get("t3", with<&Task::worker>())).worker->id, "worker1");
}

} // namespace
} // namespace dynasio
