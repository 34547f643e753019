#include <dynasio/orm/trash.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Entities with soft_delete<> against a real server: what each read gives, and what a model of the table says.
namespace desk {

using namespace dynasio::dsl;

struct Article;
struct Remark;
struct Label;

struct Author {
    std::string id{};
    std::string name{};
    dynasio::timestamp deleted_at{};

    dynasio::has_many<Article> articles{};
    dynasio::has_one<Article> first_article{};
    dynasio::has_many_through<Remark> remarks{};
};
struct Article {
    std::string id{};
    std::string author_id{};
    std::string title{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint64_t version{};

    dynasio::belongs_to<Author> author{};
    dynasio::has_many<Remark> remarks{};
    dynasio::belongs_to_many<Label> labels{};
};
struct Remark {
    std::string id{};
    std::string article_id{};
    std::string text{};
    dynasio::timestamp removed_at{};

    dynasio::belongs_to<Article> article{};
};
struct Label {
    std::string id{};
    dynasio::timestamp deleted_at{};
};

constexpr auto dynasio_schema(dynasio::tag<Author>) {
    return entity<Author>(table{"authors"}, partition_key<&Author::id>, soft_delete<&Author::deleted_at>,
                          relate<&Author::articles>(by<&Article::author_id>),
                          relate<&Author::first_article>(by<&Article::author_id>),
                          relate<&Author::remarks>(through<&Author::articles, &Article::remarks>));
}
constexpr auto dynasio_schema(dynasio::tag<Article>) {
    return entity<Article>(table{"articles"}, partition_key<&Article::id>,
                           timestamps<&Article::created_at, &Article::updated_at>, version<&Article::version>,
                           soft_delete<&Article::deleted_at>, gsi<&Article::author_id>{"by_author"},
                           relate<&Article::author>(by<&Article::author_id>),
                           relate<&Article::remarks>(by<&Remark::article_id>), relate<&Article::labels>());
}
constexpr auto dynasio_schema(dynasio::tag<Remark>) {
    return entity<Remark>(table{"remarks"}, partition_key<&Remark::id>, soft_delete<&Remark::removed_at>,
                          gsi<&Remark::article_id>{"by_article"}, relate<&Remark::article>(by<&Remark::article_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Label>) {
    return entity<Label>(table{"labels"}, partition_key<&Label::id>, soft_delete<&Label::deleted_at>);
}

} // namespace desk

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using desk::Article;
using desk::Author;
using desk::Label;
using desk::Remark;

std::string found_ids(std::vector<std::optional<Article>> const& found) {
    std::string out;
    for (auto const& e : found) out += (out.empty() ? "" : " ") + (e ? e->id : "-");
    return out;
}

class trash_test : public test::database_test {
protected:
    repository<Author> authors{direct};
    repository<Article> articles{direct};
    repository<Remark> remarks{direct};
    repository<Label> labels{direct};

    /// An author with the articles 1 to 4, of which 2 and 3 are trashed; each has two remarks, the second one trashed,
    /// and the labels "kept" and "gone", the second one trashed.
    void SetUp() override {
        create_tables<Author, Article, Remark, Label>();
        Author author;
        author.id = "ann";
        run(authors.save(author));
        Label kept, gone;
        kept.id = "kept";
        gone.id = "gone";
        trash(gone);
        run(labels.save(kept));
        run(labels.save(gone));
        for (int i = 1; i <= 4; ++i) {
            Article a;
            a.id = std::to_string(i);
            a.author_id = "ann";
            if (i == 2 || i == 3) trash(a);
            run(articles.create(a));
            for (int j = 1; j <= 2; ++j) {
                Remark r;
                r.id = a.id + "-" + std::to_string(j);
                r.article_id = a.id;
                if (j == 2) trash(r);
                run(remarks.save(r));
            }
            run(articles.related<&Article::labels>(a).attach(kept));
            run(articles.related<&Article::labels>(a).attach(gone));
        }
    }

    template <class... Options> Author read_author(Options... options) {
        return run(authors.get("ann", std::move(options)...));
    }
};

TEST_F(trash_test, a_query_leaves_trashed_entities_out) {
    auto const of_ann = articles.where(field<&Article::author_id> == "ann");
    EXPECT_EQ(ids(run(of_ann.all())), "1 4");
    EXPECT_EQ(ids(run(of_ann.without_trashed().all())), "1 4");
    EXPECT_EQ(ids(run(of_ann.with_trashed().all())), "1 2 3 4");
    EXPECT_EQ(ids(run(of_ann.only_trashed().all())), "2 3");
    EXPECT_EQ(ids(run(of_ann.only_trashed().with_trashed().without_trashed().all())), "1 4") << "the last word counts";
    EXPECT_EQ(ids(run(articles.where(field<&Article::author_id> == "ann", only_trashed, newest_first).all())), "3 2");
}

TEST_F(trash_test, every_kind_of_read_has_the_same_scope) {
    auto const of_ann = articles.where(field<&Article::author_id> == "ann");
    EXPECT_EQ(run(of_ann.count()), 2U);
    EXPECT_EQ(run(of_ann.with_trashed().count()), 4U);
    EXPECT_EQ(run(of_ann.only_trashed().count()), 2U);
    EXPECT_EQ(run(articles.scan().count()), 2U);
    EXPECT_EQ(run(articles.scan(only_trashed).count()), 2U);
    EXPECT_EQ(run(articles.scan(with_trashed).all()).size(), 4U);
    EXPECT_EQ(run(of_ann.only_trashed().first())->id, "2");
    EXPECT_EQ(ids(run(of_ann.limit(2).all())), "1 4") << "a limit counts what is given";
    auto const first = run(of_ann.page(1));
    EXPECT_EQ(ids(first.items), "1");
    EXPECT_EQ(ids(run(of_ann.page(1, first.next)).items), "4");
    EXPECT_EQ(failure_of(of_ann.with_trashed().page(1, first.next)).code, errc::invalid_cursor);
}

TEST_F(trash_test, find_gives_a_trashed_entity_and_the_words_decide_otherwise) {
    auto const found = run(articles.find("2"));
    ASSERT_TRUE(found);
    EXPECT_TRUE(is_trashed(*found));
    EXPECT_FALSE(run(articles.find("2", without_trashed)));
    EXPECT_TRUE(run(articles.find("1", without_trashed)));
    EXPECT_FALSE(run(articles.find("1", only_trashed)));
    EXPECT_TRUE(run(articles.find("2", only_trashed)));
    auto const refused = failure_of(articles.get("2", without_trashed));
    EXPECT_EQ(refused.code, errc::not_found);
    EXPECT_NE(refused.info->message.find("is trashed"), std::string::npos) << refused.info->message;
}

TEST_F(trash_test, find_many_leaves_trashed_entities_out) {
    std::vector<std::string> const keys{"4", "2", "9", "1", "2", "3"};
    EXPECT_EQ(found_ids(run(articles.find_many(keys))), "4 - - 1 - -");
    EXPECT_EQ(found_ids(run(articles.find_many(keys, with_trashed))), "4 2 - 1 2 3");
    EXPECT_EQ(found_ids(run(articles.find_many(keys, only_trashed))), "- 2 - - 2 3");
    load_report report;
    auto const loaded = run(articles.find_many(keys, with<&Article::remarks>(), report_to(report)));
    EXPECT_EQ(found_ids(loaded), "4 - - 1 - -");
    EXPECT_EQ(report.queries, 2U) << "relations of trashed entities are not loaded";
}

TEST_F(trash_test, relations_leave_trashed_entities_out) {
    auto const author = read_author(with<&Author::articles>(with<&Article::remarks>(), with<&Article::labels>()),
                                    with<&Author::first_article>());
    EXPECT_EQ(ids(author.articles), "1 4");
    EXPECT_EQ(ids(author.articles[0].remarks), "1-1");
    EXPECT_EQ(ids(author.articles[0].labels), "kept");
    EXPECT_EQ(author.first_article->id, "1");
    auto const all = read_author(with<&Author::articles>(with_trashed, with<&Article::remarks>(only_trashed),
                                                         with<&Article::labels>(with_trashed)),
                                 with<&Author::first_article>(only_trashed));
    EXPECT_EQ(ids(all.articles), "1 2 3 4");
    EXPECT_EQ(ids(all.articles[1].remarks), "2-2");
    EXPECT_EQ(ids(all.articles[1].labels), "gone kept");
    EXPECT_EQ(all.first_article->id, "2");
    EXPECT_EQ(ids(read_author(with<&Author::articles>(limit(2))).articles), "1 4");
}

TEST_F(trash_test, a_trashed_parent_is_no_entity_unless_it_is_asked_for) {
    auto author = read_author();
    run(authors.trash(author));
    auto article = run(articles.get("1", with<&Article::author>()));
    EXPECT_EQ(article.author.get(), nullptr);
    article = run(articles.get("1", with<&Article::author>(with_trashed)));
    ASSERT_NE(article.author.get(), nullptr);
    EXPECT_TRUE(is_trashed(*article.author));
}

TEST_F(trash_test, trashed_entities_in_between_hide_what_is_behind_them) {
    EXPECT_EQ(ids(read_author(with<&Author::remarks>()).remarks), "1-1 4-1");
    EXPECT_EQ(ids(read_author(with<&Author::remarks>(with_trashed)).remarks), "1-1 1-2 4-1 4-2");
    EXPECT_EQ(ids(read_author(with<&Author::remarks>(through_trashed)).remarks), "1-1 2-1 3-1 4-1");
    EXPECT_EQ(ids(read_author(with<&Author::remarks>(through_trashed, only_trashed)).remarks), "1-2 2-2 3-2 4-2");
}

TEST_F(trash_test, counts_of_relations_have_the_scope_of_the_load) {
    auto const author = read_author();
    auto const expect_as_many = [&]<class... Words>(Words const&... words) {
        auto loaded = author;
        run(authors.load(loaded, with<&Author::articles>(words...), with<&Author::remarks>(words...)));
        EXPECT_EQ(run(authors.count<&Author::articles>(author, words...)), loaded.articles.size());
        EXPECT_EQ(run(authors.count<&Author::remarks>(author, words...)), loaded.remarks.size());
    };
    expect_as_many();
    expect_as_many(with_trashed);
    expect_as_many(only_trashed);
    expect_as_many(without_trashed);
    EXPECT_EQ(run(authors.count<&Author::remarks>(author, through_trashed)), 4U);
    EXPECT_EQ(run(authors.count<&Author::remarks>(author, through_trashed, with_trashed)), 8U);
    auto const article = run(articles.get("1", with_count<&Article::labels>()));
    EXPECT_EQ(article.labels.count(), 1U);
    EXPECT_EQ(run(articles.count<&Article::labels>(article, with_trashed)), 2U);
    EXPECT_EQ(run(articles.count<&Article::labels>(article, only_trashed, field<&Label::id> == "gone")), 1U);
    EXPECT_EQ(run(articles.count<&Article::labels>(article, field<&Label::id> == "gone")), 0U);
}

TEST_F(trash_test, a_loaded_relation_does_not_answer_for_another_scope) {
    auto author = read_author(with<&Author::articles>());
    load_report report;
    run(authors.load<&Author::articles>(author, report_to(report)));
    EXPECT_EQ(report.queries, 0U);
    run(authors.load<&Author::articles>(author, with_trashed, report_to(report)));
    EXPECT_EQ(report.queries, 1U);
    EXPECT_EQ(ids(author.articles), "1 2 3 4");
    run(authors.load<&Author::articles>(author, report_to(report)));
    EXPECT_EQ(report.queries, 1U) << "what is loaded stays when the call says nothing";
    run(authors.load<&Author::articles>(author, without_trashed, report_to(report)));
    EXPECT_EQ(ids(author.articles), "1 4");
    run(authors.load<&Author::remarks>(author));
    run(authors.load<&Author::remarks>(author, through_trashed));
    EXPECT_EQ(author.remarks.size(), 4U);
    author.articles.set(std::vector<Article>());
    run(authors.load<&Author::articles>(author, with_trashed));
    EXPECT_TRUE(author.articles.empty()) << "what the program has put there stays";
}

TEST_F(trash_test, trash_and_restore_write_three_attributes_alone) {
    auto article = run(articles.get("1"));
    article.title = "changed in memory only";
    run(articles.trash(article));
    EXPECT_TRUE(is_trashed(article));
    EXPECT_EQ(article.version, 2U);
    auto item = stored("articles", "1");
    EXPECT_EQ(item.at("deleted_at").as_string(), article.deleted_at.to_string());
    EXPECT_EQ(item.at("updated_at").as_string(), article.updated_at.to_string());
    EXPECT_EQ(item.at("title").as_string(), "");
    auto const time = article.deleted_at;
    run(articles.trash(article));
    EXPECT_EQ(article.deleted_at, time) << "what is trashed already keeps its time";
    run(articles.restore(article));
    EXPECT_FALSE(is_trashed(article));
    EXPECT_EQ(article.version, 4U);
    item = stored("articles", "1");
    EXPECT_EQ(item.count("deleted_at"), 0U);
    EXPECT_EQ(item.at("title").as_string(), "");
}

TEST_F(trash_test, trash_is_guarded_by_the_version_and_by_the_item) {
    auto const old = run(articles.get("1"));
    auto current = old;
    run(articles.save(current));
    auto late = old;
    auto refused = failure_of(articles.trash(late));
    EXPECT_EQ(refused.code, errc::stale_version);
    EXPECT_FALSE(is_trashed(late));
    EXPECT_EQ(late.version, old.version);
    auto remark = run(remarks.get("1-1"));
    EXPECT_TRUE(run(remarks.remove(remark)));
    EXPECT_EQ(failure_of(remarks.trash(remark)).code, errc::not_found);
    EXPECT_FALSE(run(remarks.find("1-1"))) << "no item of a key and a time alone is made";
    Remark unsaved;
    EXPECT_EQ(failure_of(remarks.trash(unsaved)).code, errc::entity_not_saved);
    Article never_stored;
    never_stored.id = "nowhere";
    EXPECT_EQ(failure_of(articles.trash(never_stored)).code, errc::stale_version);
    EXPECT_FALSE(run(articles.find("nowhere")));
}

TEST_F(trash_test, trash_under_a_condition) {
    auto article = run(articles.get("1"));
    EXPECT_EQ(failure_of(articles.trash(article, only_if(field<&Article::title> == "other"))).code,
              errc::condition_failed);
    EXPECT_FALSE(is_trashed(article));
    run(articles.trash(article, only_if(field<&Article::title> == "")));
    EXPECT_TRUE(is_trashed(article));
    EXPECT_EQ(failure_of(articles.restore(article, only_if(field<&Article::title> == "other"))).code,
              errc::condition_failed);
}

TEST_F(trash_test, trash_in_memory_is_stored_by_a_save) {
    auto article = run(articles.get("1"));
    trash(article);
    EXPECT_FALSE(is_trashed(*run(articles.find("1"))));
    run(articles.save(article));
    EXPECT_TRUE(is_trashed(*run(articles.find("1"))));
    restore(article);
    run(articles.save(article));
    EXPECT_EQ(stored("articles", "1").count("deleted_at"), 0U);
}

TEST_F(trash_test, items_of_other_programs_with_null_are_not_trashed) {
    dynamodb::item item;
    item.emplace("id", "null");
    item.emplace("author_id", "bob");
    item.emplace("deleted_at", dynamodb::attribute_value());
    run(direct.put_item(dynamodb::put_item_request(prefix + "articles", item)));
    EXPECT_EQ(ids(run(articles.where(field<&Article::author_id> == "bob").all())), "null");
    EXPECT_TRUE(run(articles.where(field<&Article::author_id> == "bob", only_trashed).all()).empty());
    auto found = run(articles.get("null"));
    EXPECT_FALSE(is_trashed(found));
    run(articles.trash(found));
    EXPECT_EQ(ids(run(articles.where(field<&Article::author_id> == "bob", only_trashed).all())), "null");
}

TEST_F(trash_test, a_plan_says_that_trashed_entities_are_charged_for) {
    auto const text = articles.where(field<&Article::author_id> == "ann").explain();
    EXPECT_NE(text.find("deleted_at"), std::string::npos) << text;
    EXPECT_NE(text.find("what the filter leaves out is read and charged for"), std::string::npos) << text;
    EXPECT_EQ(articles.where(field<&Article::author_id> == "ann", with_trashed).explain().find("deleted_at"),
              std::string::npos);
}

/// Any sequence of operations leaves what a small model says.
TEST_F(trash_test, any_sequence_of_operations_leaves_what_a_model_says) {
    std::mt19937 random(7);
    struct state {
        bool there = false;
        bool trashed = false;
        std::string title{};
    };
    for (int round = 0; round < 12; ++round) {
        std::string const author = "round" + std::to_string(round);
        std::map<std::string, state> model;
        std::map<std::string, Article> held;
        for (int step = 0; step < 25; ++step) {
            std::string const id = author + "-" + std::to_string(random() % 3);
            Article& article = held[id];
            state& expected = model[id];
            article.id = id;
            article.author_id = author;
            switch (random() % 6) {
            case 0:
                article.title += "x";
                if (expected.there || article.version == 0) {
                    run(articles.save(article));
                    expected = {true, is_trashed(article), article.title};
                } else {
                    EXPECT_EQ(failure_of(articles.save(article)).code, errc::stale_version);
                }
                break;
            case 1:
                if (expected.there) {
                    run(articles.trash(article));
                    expected.trashed = true;
                } else {
                    EXPECT_EQ(failure_of(articles.trash(article)).code, errc::stale_version);
                }
                break;
            case 2:
                if (expected.there) {
                    run(articles.restore(article));
                    expected.trashed = false;
                } else {
                    EXPECT_EQ(failure_of(articles.restore(article)).code, errc::stale_version);
                }
                break;
            case 3:
                EXPECT_EQ(run(articles.remove(article)), expected.there);
                expected = {};
                if (random() % 2) article = Article();
                break;
            case 4:
                trash(article);
                break;
            default:
                restore(article);
            }
        }
        for (auto const& [id, expected] : model) {
            auto const found = run(articles.find(id));
            ASSERT_EQ(found.has_value(), expected.there) << id;
            if (!found) continue;
            EXPECT_EQ(is_trashed(*found), expected.trashed) << id;
            EXPECT_EQ(found->title, expected.title) << id;
        }
        auto const of_author = articles.where(field<&Article::author_id> == author);
        auto const count = [&](bool trashed) {
            return static_cast<std::size_t>(std::count_if(model.begin(), model.end(), [&](auto const& each) {
                return each.second.there && each.second.trashed == trashed;
            }));
        };
        EXPECT_EQ(run(of_author.count()), count(false));
        EXPECT_EQ(run(of_author.only_trashed().all()).size(), count(true));
    }
}

} // namespace
} // namespace dynasio
