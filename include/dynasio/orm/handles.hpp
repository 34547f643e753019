#ifndef DYNASIO_ORM_HANDLES_HPP
#define DYNASIO_ORM_HANDLES_HPP

#include <dynasio/core/detail/never.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Relation members of entities. A handle never does I/O and is never stored; a load fills it. Reading a handle that no
// load has filled throws errc::relation_not_loaded naming entity and member. Copies of a handle share the loaded
// entities as constants, so a change through one copy of an entity cannot show in another; edit() copies what is
// shared. A handle remembers what a load has given when the program replaces or edits it: a save of a graph writes the
// difference (along.hpp).
namespace dynasio {

class pivot; // pivot.hpp

/// Which entities of a type with soft_delete<> a read gives.
enum class trashed : unsigned char {
    unsaid,  ///< What the read does by itself: a find() gives trashed entities, every other read leaves them out.
    without, ///< Those that are not trashed.
    with,    ///< All.
    only,    ///< Those that are trashed.
};
/// Which entities a query or a relation gives.
struct read_scope {
    trashed target = trashed::unsaid;
    /// Of a has_many_through: the entities in between may be trashed.
    bool between = false;
    /// Gives also what where_always() leaves out.
    bool everything = false;

    friend constexpr bool operator==(read_scope const&, read_scope const&) = default;
    /// Whether what was loaded in this scope answers a load in the scope `asked`.
    [[nodiscard]] constexpr bool answers(read_scope asked) const noexcept {
        return target == trashed::unsaid || ((asked.target == trashed::unsaid || asked.target == target) &&
                                             (!asked.between || between) && (!asked.everything || everything));
    }
};

namespace detail {

struct access;

/// Which member a handle is. A repository sets it in the entities that it reads or writes.
struct relation_name {
    std::string_view entity;
    std::string_view member;
};

/// `handle` is the compiler's spelling of a function with the handle's type as template argument.
[[noreturn]] void throw_not_loaded(relation_name const* name, std::string_view handle);

template <class Handle> [[noreturn]] void throw_not_loaded(relation_name const* name) {
    throw_not_loaded(name, std::string_view(__PRETTY_FUNCTION__));
}

/// The same for the number of related entities.
[[noreturn]] void throw_not_counted(relation_name const* name, std::string_view handle);

template <class Handle> [[noreturn]] void throw_not_counted(relation_name const* name) {
    throw_not_counted(name, std::string_view(__PRETTY_FUNCTION__));
}

/// The same for a handle that is to be edited, which in a new entity has nothing that could be loaded.
[[noreturn]] void throw_not_loaded_to_edit(relation_name const* name, std::string_view handle);

template <class Handle> [[noreturn]] void throw_not_loaded_to_edit(relation_name const* name) {
    throw_not_loaded_to_edit(name, std::string_view(__PRETTY_FUNCTION__));
}

[[noreturn]] void throw_nothing_to_edit(relation_name const* name, std::string_view handle);

template <class Handle> [[noreturn]] void throw_nothing_to_edit(relation_name const* name) {
    throw_nothing_to_edit(name, std::string_view(__PRETTY_FUNCTION__));
}

/// The entity in what a program may assign to a handle by mistake.
template <class Given> struct entity_given {
    using type = Given;
};
template <class E> struct entity_given<E*> {
    using type = std::remove_const_t<E>;
};
template <class E> struct entity_given<std::shared_ptr<E>> : entity_given<E*> {};
template <class E> struct entity_given<std::unique_ptr<E>> : entity_given<E*> {};
template <class E> struct entity_given<std::vector<E>> : entity_given<E*> {};
/// Whether this is such a thing for a handle to entities of the types T. Everything else is left to the compiler, so
/// that no handle seems to be assignable from anything.
template <class Given, class... T>
concept content_of_handle = std::is_null_pointer_v<std::remove_cvref_t<Given>> ||
                            (std::is_same_v<typename entity_given<std::remove_cvref_t<Given>>::type, T> || ...);

/// What a handle holds: an entity, a vector of them, or links. As long as it is what a load has given, this is one
/// shared pointer to a constant. When the program has replaced or edited it, the pointer's deleter remembers what the
/// load had given, so that the handle is no larger for that.
template <class Items> class held_items {
public:
    [[nodiscard]] Items const* get() const noexcept { return items_.get(); }
    void reset() noexcept { items_.reset(); }

    /// Holds what a load has read.
    void fill(std::shared_ptr<Items const> items) noexcept { items_ = std::move(items); }
    /// Holds what the program gives, and remembers `loaded`, what the last load had given.
    void give(std::shared_ptr<Items const> items, std::shared_ptr<Items const> loaded) {
        put(nullptr, std::move(items), std::move(loaded));
    }
    /// The same with an object that nobody else refers to, so that the first edit need not copy it.
    void give_own(std::shared_ptr<Items> own, std::shared_ptr<Items const> loaded) {
        put(std::move(own), nullptr, std::move(loaded));
    }
    /// What the last load had given; null for nothing. `filled` says whether a load has filled the handle.
    [[nodiscard]] std::shared_ptr<Items const> loaded(bool filled) const noexcept {
        if (auto const* const r = std::get_deleter<replaced>(items_)) return r->loaded;
        return filled ? items_ : nullptr;
    }
    /// Whether it is the very thing that a load has given.
    [[nodiscard]] bool is_as_loaded(bool filled) const noexcept {
        if (auto const* const r = std::get_deleter<replaced>(items_)) return r->given && r->given == r->loaded;
        return filled;
    }
    /// The object for changing. It is copied when copies of the handle share it, or when a load has given it, because
    /// it has to be remembered. Precondition: get() is not null.
    [[nodiscard]] Items& edit(bool filled) {
        if (auto* const r = std::get_deleter<replaced>(items_); r != nullptr && r->own && items_.use_count() == 1) {
            // The count may have come down in another thread, whose reads must have happened before a change.
            std::atomic_thread_fence(std::memory_order_acquire);
            return *r->own;
        }
        auto own = std::make_shared<Items>(*items_);
        Items& made = *own;
        give_own(std::move(own), loaded(filled));
        return made;
    }

private:
    struct replaced {
        std::shared_ptr<Items> own;
        std::shared_ptr<Items const> given;
        std::shared_ptr<Items const> loaded;
        void operator()(Items const*) const noexcept {} // the members end what the pointer refers to
    };
    void put(std::shared_ptr<Items> own, std::shared_ptr<Items const> given, std::shared_ptr<Items const> loaded) {
        Items const* const at = own ? own.get() : given.get();
        items_ = std::shared_ptr<Items const>(at, replaced{std::move(own), std::move(given), std::move(loaded)});
    }

    std::shared_ptr<Items const> items_;
};

/// Whether a handle to one entity is loaded. One that was moved from is not: it would say that there is no entity,
/// which nobody has found out.
class loaded_flag {
public:
    loaded_flag() = default;
    loaded_flag(loaded_flag const&) = default;
    loaded_flag(loaded_flag&& other) noexcept : is_(std::exchange(other.is_, false)) {}
    loaded_flag& operator=(loaded_flag const&) = default;
    loaded_flag& operator=(loaded_flag&& other) noexcept {
        is_ = std::exchange(other.is_, false);
        return *this;
    }
    ~loaded_flag() = default;
    loaded_flag& operator=(bool is) noexcept {
        is_ = is;
        return *this;
    }
    [[nodiscard]] operator bool() const noexcept { return is_; } // NOLINT(google-explicit-constructor): it is one

private:
    bool is_ = false;
};

/// The part that all handles have: the name of the member, for errors, and which entities a load left out.
class handle_base {
protected:
    relation_name const* name_ = nullptr;
    read_scope scope_{}; // of the load that filled the handle; unsaid when the program filled it
    friend struct access;

    [[nodiscard]] bool is_filled() const noexcept { return scope_.target != trashed::unsaid; }
};

/// The part that handles to many entities have besides: how many related entities a load has counted.
template <class Handle> class counting_handle : public handle_base {
public:
    /// Whether with_count<> has loaded the number of related entities. Has nothing to do with loaded().
    [[nodiscard]] bool counted() const noexcept { return count_ != not_counted; }
    /// How many related entities with_count<> has counted under its conditions. Sends no request. size() is how many
    /// are loaded. Throws errc::relation_not_loaded when no load has counted them.
    [[nodiscard]] std::uint64_t count() const {
        if (!counted()) throw_not_counted<Handle>(name_);
        return count_;
    }

    // What a program says that takes the handle for a container. Handle::refuse_change() says what to do instead.
    template <class H = Handle, class E = typename H::value_type>
        requires std::is_same_v<E, typename H::value_type>
    void push_back(E const&) const {
        H::template refuse_change<H>();
    }
    template <class H = Handle, class... Arguments> typename H::value_type& emplace_back(Arguments const&...) const {
        H::template refuse_change<H>();
        return refused<typename H::value_type&>();
    }
    template <class H = Handle, class... Arguments> typename H::const_iterator insert(Arguments const&...) const {
        H::template refuse_change<H>();
        return refused<typename H::const_iterator>();
    }
    template <class H = Handle, class... Arguments> typename H::const_iterator erase(Arguments const&...) const {
        H::template refuse_change<H>();
        return refused<typename H::const_iterator>();
    }
    template <class H = Handle> void pop_back() const { H::template refuse_change<H>(); }
    template <class H = Handle> void clear() const { H::template refuse_change<H>(); }

protected:
    /// A load counts less than this: at a megabyte for each request it would take weeks to get there.
    void set_count(std::uint64_t count) noexcept { count_ = std::min(count, not_counted - 1) & not_counted; }
    void forget_count() noexcept { count_ = not_counted; }

private:
    friend struct access;

    // 40 bits are what lies behind the scope without making the handle larger.
    static constexpr int bits = 40;
    static constexpr std::uint64_t not_counted = (std::uint64_t{1} << bits) - 1;

    std::uint64_t count_ : bits = not_counted;
};

/// The state of handles to one entity.
template <class T, class Handle> class single_handle : public handle_base {
public:
    /// Whether a load has filled the handle. True also when the load found no entity.
    [[nodiscard]] bool loaded() const noexcept { return loaded_; }
    /// The related entity, or nullptr when there is none.
    [[nodiscard]] T const* get() const {
        if (!loaded_) throw_not_loaded<Handle>(this->name_);
        return value_.get();
    }
    [[nodiscard]] bool has_value() const { return get() != nullptr; }
    [[nodiscard]] explicit operator bool() const { return has_value(); }
    /// Precondition: has_value().
    [[nodiscard]] T const& operator*() const { return *get(); }
    /// Precondition: has_value().
    [[nodiscard]] T const* operator->() const { return get(); }
    /// The related entity for changing. It belongs to this handle alone: what copies of the handle share, or a load has
    /// given, is copied first. Sends no request; a save along the relation stores what has changed. The reference is
    /// valid until the handle is filled, set, unloaded, copied or edited again. Throws errc::relation_not_loaded, and
    /// errc::not_found when there is no related entity.
    [[nodiscard]] T& edit() {
        if (!loaded_) throw_not_loaded_to_edit<Handle>(this->name_);
        if (!value_.get()) throw_nothing_to_edit<Handle>(this->name_);
        return value_.edit(this->is_filled());
    }
    /// Replaces the loaded entity in this handle only; nullptr stands for no related entity. Sends no request. What a
    /// load had given is remembered for a save along the relation.
    void set(std::shared_ptr<T const> value) {
        value_.give(std::move(value), value_.loaded(this->is_filled()));
        loaded_ = true;
        this->scope_ = {};
    }
    /// The same with an entity: `user.profile.set(Profile{.bio = "likes tea"})`.
    template <class E>
        requires std::is_same_v<E, T>
    void set(E entity) {
        value_.give_own(std::make_shared<T>(std::move(entity)), value_.loaded(this->is_filled()));
        loaded_ = true;
        this->scope_ = {};
    }
    /// Makes the handle not loaded again.
    void unload() noexcept {
        value_.reset();
        loaded_ = false;
        this->scope_ = {};
    }

private:
    friend struct access;
    using held = T;

    void note_filled() noexcept { loaded_ = true; }
    [[nodiscard]] held_items<T>& items() noexcept { return value_; }
    [[nodiscard]] held_items<T> const& items() const noexcept { return value_; }

    loaded_flag loaded_; // in front of the pointer, where the handle does not become larger by it
    held_items<T> value_;
};

/// The state of handles to many entities.
template <class T, class Handle> class many_handle : public counting_handle<Handle> {
public:
    using value_type = T;
    using const_iterator = T const*;

    /// Whether a load has filled the handle. True also when the load found no entities.
    [[nodiscard]] bool loaded() const noexcept { return items_.get() != nullptr; }
    /// The related entities in the order that the load asked for.
    [[nodiscard]] std::vector<T> const& get() const {
        if (!loaded()) throw_not_loaded<Handle>(this->name_);
        return *items_.get();
    }
    [[nodiscard]] std::size_t size() const { return get().size(); }
    [[nodiscard]] bool empty() const { return get().empty(); }
    [[nodiscard]] T const& operator[](std::size_t i) const { return get()[i]; }
    [[nodiscard]] T const& front() const { return get().front(); }
    [[nodiscard]] T const& back() const { return get().back(); }
    [[nodiscard]] const_iterator begin() const { return get().data(); }
    [[nodiscard]] const_iterator end() const { return get().data() + get().size(); }
    /// Replaces the loaded entities in this handle only. Sends no request. What a load had given is remembered for a
    /// save along the relation.
    void set(std::vector<T> items) {
        items_.give_own(std::make_shared<std::vector<T>>(std::move(items)), items_.loaded(this->is_filled()));
        this->scope_ = {};
    }
    void set(std::shared_ptr<std::vector<T> const> items) {
        if (!items) return unload();
        items_.give(std::move(items), items_.loaded(this->is_filled()));
        this->scope_ = {};
    }
    /// Makes the handle not loaded again, and forgets its count.
    void unload() noexcept {
        items_.reset();
        this->scope_ = {};
        this->forget_count();
    }

protected:
    [[nodiscard]] std::vector<T>& edit_items() {
        if (!loaded()) throw_not_loaded_to_edit<Handle>(this->name_);
        return items_.edit(this->is_filled());
    }

private:
    friend struct access;
    using held = std::vector<T>;

    void note_filled() noexcept {}
    [[nodiscard]] held_items<held>& items() noexcept { return items_; }
    [[nodiscard]] held_items<held> const& items() const noexcept { return items_; }

    held_items<held> items_;
};

/// What a belongs_to_many holds: the related entities, and beside each the row that links it, a `pivot` or an entity of
/// the program. The lists are separate so that this header does not need the definition of `pivot`, which is only
/// declared here.
template <class T, class Pivot = dynasio::pivot> class links {
public:
    void reserve(std::size_t size);
    void add(std::shared_ptr<T const> entity, Pivot row);
    [[nodiscard]] std::size_t size() const noexcept { return entities_.size(); }
    [[nodiscard]] T const& entity(std::size_t i) const noexcept { return *entities_[i]; }
    /// The row that links entity(i).
    [[nodiscard]] Pivot const& row(std::size_t i) const noexcept;
    [[nodiscard]] std::vector<Pivot> const& rows() const noexcept { return rows_; }

private:
    std::vector<std::shared_ptr<T const>> entities_;
    std::vector<Pivot> rows_; ///< one for each entity
};

} // namespace detail

/// One T whose foreign key names this entity.
template <class T> class has_one : public detail::single_handle<T, has_one<T>> {
public:
    // Refused, here and in the other handles. Copies and moves of a handle are no templates and stay what they are.
    template <class Given>
        requires detail::content_of_handle<Given, T>
    has_one& operator=(Given&&) {
        refuse_assignment<Given>();
        return *this;
    }
    template <class Given>
        requires detail::content_of_handle<Given, T>
    has_one& operator=(std::initializer_list<Given>) {
        refuse_assignment<Given>();
        return *this;
    }

private:
    template <class Given> static void refuse_assignment() {
        static_assert(
            detail::never<Given>,
            "dynasio: nothing is assigned to a has_one; set() replaces its entity and edit() changes it, which "
            "a save along<> stores, and related<&User::profile>(user).add(profile) stores at once");
    }
};

/// The T that this entity's foreign key names.
template <class T> class belongs_to : public detail::single_handle<T, belongs_to<T>> {
public:
    template <class Given>
        requires detail::content_of_handle<Given, T>
    belongs_to& operator=(Given&&) {
        refuse_assignment<Given>();
        return *this;
    }
    template <class Given>
        requires detail::content_of_handle<Given, T>
    belongs_to& operator=(std::initializer_list<Given>) {
        refuse_assignment<Given>();
        return *this;
    }

private:
    template <class Given> static void refuse_assignment() {
        static_assert(detail::never<Given>,
                      "dynasio: nothing is assigned to a belongs_to; to refer to another entity, set the "
                      "foreign key and save; set() replaces the entity that the handle holds");
    }
};

/// All T whose foreign key names this entity.
template <class T> class has_many : public detail::many_handle<T, has_many<T>> {
public:
    /// The related entities for changing: `user.posts.edit().push_back(post)`. They belong to this handle alone: what
    /// copies of the handle share, or a load has given, is copied first. Sends no request; a save along the relation
    /// stores the difference. The reference is valid until the handle is filled, set, unloaded, copied or edited again.
    /// Throws errc::relation_not_loaded; set() gives the first entities to the handle of a new entity.
    [[nodiscard]] std::vector<T>& edit() { return this->edit_items(); }

    template <class Given>
        requires detail::content_of_handle<Given, T>
    has_many& operator=(Given&&) {
        refuse_assignment<Given>();
        return *this;
    }
    template <class Given>
        requires detail::content_of_handle<Given, T>
    has_many& operator=(std::initializer_list<Given>) {
        refuse_assignment<Given>();
        return *this;
    }

private:
    friend detail::counting_handle<has_many>;
    template <class Asked> static void refuse_change() {
        static_assert(detail::never<Asked>,
                      "dynasio: edit() gives the vector of a has_many for changing, user.posts.edit().push_back(post), "
                      "which a save along<> stores; related<&User::posts>(user).add(post) stores at once");
    }
    template <class Given> static void refuse_assignment() {
        static_assert(
            detail::never<Given>,
            "dynasio: nothing is assigned to a has_many; set() replaces its entities and edit() gives them for "
            "changing, which a save along<> stores, and related<&User::posts>(user).add(post) stores at once");
    }
};

/// All T that a chain of relations leads to, each once.
template <class T> class has_many_through : public detail::many_handle<T, has_many_through<T>> {
public:
    /// Refused: nothing stores what is changed here.
    template <class E = T> std::vector<E>& edit() const {
        refuse_change<E>();
        return detail::refused<std::vector<E>&>();
    }
    template <class Given>
        requires detail::content_of_handle<Given, T>
    has_many_through& operator=(Given&&) {
        refuse_change<Given>();
        return *this;
    }
    template <class Given>
        requires detail::content_of_handle<Given, T>
    has_many_through& operator=(std::initializer_list<Given>) {
        refuse_change<Given>();
        return *this;
    }

private:
    friend detail::counting_handle<has_many_through>;
    template <class Asked> static void refuse_change() {
        static_assert(detail::never<Asked>,
                      "dynasio: a has_many_through is only read; change the relations of its steps, "
                      "related<&Post::comments>(post).add(comment), or replace what the handle holds with set()");
    }
};

/// A related entity together with the row that links it.
template <class T, class Pivot = dynasio::pivot> struct linked {
    T const& entity;
    Pivot const& pivot;
};

/// Many T on the other side of a pivot table.
///
/// Iterating gives the entities. with_pivot() gives each entity together with its pivot data, so that a program need
/// not keep two lists in step. Code that uses pivot data needs <dynasio/orm/pivot.hpp>, which
/// <dynasio/orm/repository.hpp> includes.
///
/// The links of a belongs_to_many<Role, Membership> are entities of the program, declared with via<>: each Membership
/// names an entity of either side, and stands in place of the pivot data.
template <class T, class Pivot = dynasio::pivot>
class belongs_to_many : public detail::counting_handle<belongs_to_many<T, Pivot>> {
    using links = detail::links<T, Pivot>;

public:
    using value_type = T;

    template <class Reference> class basic_iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = std::remove_cvref_t<Reference>;
        using difference_type = std::ptrdiff_t;
        using pointer = std::conditional_t<std::is_reference_v<Reference>, T const*, void>;
        using reference = Reference;

        basic_iterator() = default;
        [[nodiscard]] Reference operator*() const {
            if constexpr (std::is_reference_v<Reference>)
                return of_->entity(at_);
            else
                return Reference{of_->entity(at_), of_->row(at_)};
        }
        [[nodiscard]] pointer operator->() const
            requires std::is_reference_v<Reference>
        {
            return &of_->entity(at_);
        }
        basic_iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        basic_iterator operator++(int) noexcept {
            auto const before = *this;
            ++at_;
            return before;
        }
        friend bool operator==(basic_iterator, basic_iterator) = default;

    private:
        friend belongs_to_many;
        basic_iterator(links const& of, std::size_t at) noexcept : of_(&of), at_(at) {}

        links const* of_ = nullptr;
        std::size_t at_ = 0;
    };
    using const_iterator = basic_iterator<T const&>;

    /// A range of linked<T, Pivot>.
    class pivot_range {
    public:
        using iterator = basic_iterator<linked<T, Pivot>>;
        [[nodiscard]] iterator begin() const noexcept { return begin_; }
        [[nodiscard]] iterator end() const noexcept { return end_; }

    private:
        friend belongs_to_many;
        pivot_range(iterator begin, iterator end) noexcept : begin_(begin), end_(end) {}

        iterator begin_, end_;
    };

    /// Whether a load has filled the handle. True also when the load found no links.
    [[nodiscard]] bool loaded() const noexcept { return links_.get() != nullptr; }
    [[nodiscard]] std::size_t size() const { return get().size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] T const& operator[](std::size_t i) const { return get().entity(i); }
    [[nodiscard]] const_iterator begin() const { return first<T const&>(get()); }
    [[nodiscard]] const_iterator end() const { return behind<T const&>(get()); }
    /// The entities with their pivot data. The range refers to what is loaded now: it is invalid once the handle is
    /// filled again, set, unloaded or destroyed and no copy of the handle is left.
    [[nodiscard]] pivot_range with_pivot() const {
        links const& all = get();
        return pivot_range(first<linked<T, Pivot>>(all), behind<linked<T, Pivot>>(all));
    }
    /// The pivot data alone, in the order of the entities. It is valid as long as with_pivot().
    [[nodiscard]] std::vector<Pivot> const& pivots() const { return get().rows(); }
    /// Replaces the loaded entities in this handle only, each with its pivot data. Sends no request: nothing is
    /// attached or detached. What a load had given is remembered for a save along the relation. Defined in
    /// <dynasio/orm/pivot.hpp>.
    void set(std::vector<std::pair<T, Pivot>> items);
    /// Does the same with entities whose pivot data are empty; links that are entities are new ones.
    void set(std::vector<T> items);
    /// Refused: entities and the rows that link them are set together.
    template <class E = T> std::vector<E>& edit() const {
        refuse_change<E>();
        return detail::refused<std::vector<E>&>();
    }
    template <class Given>
        requires detail::content_of_handle<Given, T>
    belongs_to_many& operator=(Given&&) {
        refuse_change<Given>();
        return *this;
    }
    template <class Given>
        requires detail::content_of_handle<Given, T>
    belongs_to_many& operator=(std::initializer_list<Given>) {
        refuse_change<Given>();
        return *this;
    }
    /// For the library.
    void set(std::shared_ptr<links const> l) {
        if (!l) return unload();
        links_.give(std::move(l), links_.loaded(this->is_filled()));
        this->scope_ = {};
    }
    /// Makes the handle not loaded again, and forgets its count.
    void unload() noexcept {
        links_.reset();
        this->scope_ = {};
        this->forget_count();
    }

private:
    friend struct detail::access;
    friend detail::counting_handle<belongs_to_many>;
    using held = links;

    template <class Asked> static void refuse_change() {
        static_assert(detail::never<Asked>,
                      "dynasio: set() replaces what a belongs_to_many holds, which a save along<> stores; "
                      "related<&User::roles>(user).attach(role) and detach(role) change its links at once");
    }

    void note_filled() noexcept {}
    [[nodiscard]] detail::held_items<links>& items() noexcept { return links_; }
    [[nodiscard]] detail::held_items<links> const& items() const noexcept { return links_; }

    template <class Reference> static basic_iterator<Reference> first(links const& l) noexcept { return {l, 0}; }
    template <class Reference> static basic_iterator<Reference> behind(links const& l) noexcept {
        return {l, l.size()};
    }
    [[nodiscard]] links const& get() const {
        if (!loaded()) detail::throw_not_loaded<belongs_to_many>(this->name_);
        return *links_.get();
    }

    detail::held_items<links> links_;
};

namespace detail {

/// A list of types of entities.
template <class... T> struct entity_types {
    static constexpr std::size_t size = sizeof...(T);
};
/// How often a type stands in a list.
template <class E, class List> inline constexpr std::size_t times_listed = 0;
template <class E, class... T>
inline constexpr std::size_t times_listed<E, entity_types<T...>> = (std::size_t{std::is_same_v<E, T>} + ... + 0);
/// Where a type stands in a list; the list's size when it does not.
template <class E, class List> inline constexpr std::size_t place_listed = 0;
template <class E, class First, class... Rest>
inline constexpr std::size_t place_listed<E, entity_types<First, Rest...>> =
    std::is_same_v<E, First> ? 0 : 1 + place_listed<E, entity_types<Rest...>>;
template <std::size_t I, class List> struct type_listed;
template <class First, class... Rest> struct type_listed<0, entity_types<First, Rest...>> {
    using type = First;
};
template <std::size_t I, class First, class... Rest>
struct type_listed<I, entity_types<First, Rest...>> : type_listed<I - 1, entity_types<Rest...>> {};

} // namespace detail

/// The one entity, of one of the types T, that a type and a key in this entity name.
template <class... T> class morph_to : public detail::handle_base {
    using types = detail::entity_types<T...>;
    static_assert(sizeof...(T) > 0 && ((detail::times_listed<T, types> == 1) && ...),
                  "dynasio: a morph_to names the entities that it can lead to, each once: morph_to<Post, Video>");

public:
    /// Whether a load has filled the handle. True also when the load found no entity.
    [[nodiscard]] bool loaded() const noexcept { return loaded_; }
    /// Whether there is an entity.
    [[nodiscard]] bool has_value() const { return held() != nullptr; }
    [[nodiscard]] explicit operator bool() const { return has_value(); }
    /// Whether there is an entity, and it is an E.
    template <class E> [[nodiscard]] bool holds() const { return get_if<E>() != nullptr; }
    /// The entity if it is an E; nullptr when it is of another type, or when there is none.
    template <class E> [[nodiscard]] E const* get_if() const {
        static_assert(detail::times_listed<E, types> == 1,
                      "dynasio: holds<>, get_if<> and set() of a morph_to are about one of the entities that it names");
        void const* const value = held();
        return place_ == detail::place_listed<E, types> ? static_cast<E const*>(value) : nullptr;
    }
    /// Calls `visitor(entity)` if there is an entity. The visitor takes all of the types.
    template <class Visitor> void visit(Visitor&& visitor) const {
        auto const call = [&](auto const& entity) { static_cast<void>(visitor(entity)); };
        auto const nothing = [] {};
        visit(call, nothing);
    }
    /// What `visitor(entity)` returns, or what `otherwise()` returns when there is no entity. The result has the type
    /// of the latter.
    template <class Visitor, class Otherwise>
    std::invoke_result_t<Otherwise&> visit(Visitor&& visitor, Otherwise&& otherwise) const {
        return visit_from<0>(held(), visitor, otherwise);
    }

    /// Replaces the loaded entity in this handle only. Sends no request, and does not change the members that name the
    /// entity.
    template <class E> void set(std::shared_ptr<E> value) noexcept {
        using entity = std::remove_const_t<E>;
        static_assert(detail::times_listed<entity, types> == 1,
                      "dynasio: holds<>, get_if<> and set() of a morph_to are about one of the entities that it names");
        put(std::move(value), detail::place_listed<entity, types>);
    }
    template <class E>
        requires(std::is_same_v<E, T> || ...)
    void set(E entity) {
        set(std::make_shared<E const>(std::move(entity)));
    }
    /// Makes the handle one that is loaded and has no entity.
    void set(std::nullptr_t) noexcept { put(nullptr, 0); }
    /// Makes the handle not loaded again.
    void unload() noexcept {
        value_.reset();
        loaded_ = false;
    }

    template <class Given>
        requires detail::content_of_handle<Given, T...>
    morph_to& operator=(Given&&) {
        refuse_assignment<Given>();
        return *this;
    }
    template <class Given>
        requires detail::content_of_handle<Given, T...>
    morph_to& operator=(std::initializer_list<Given>) {
        refuse_assignment<Given>();
        return *this;
    }

private:
    template <class Given> static void refuse_assignment() {
        static_assert(detail::never<Given>,
                      "dynasio: nothing is assigned to a morph_to; to refer to another entity, set the members of type "
                      "and key and save; set() replaces the entity that the handle holds");
    }
    [[nodiscard]] void const* held() const {
        if (!loaded_) detail::throw_not_loaded<morph_to>(name_);
        return value_.get();
    }
    void put(std::shared_ptr<void const> value, std::size_t place) noexcept {
        value_ = std::move(value);
        place_ = static_cast<std::uint16_t>(place);
        loaded_ = true;
        scope_ = {};
    }
    template <std::size_t I, class Visitor, class Otherwise>
    std::invoke_result_t<Otherwise&> visit_from(void const* value, Visitor& visitor, Otherwise& otherwise) const {
        if constexpr (I == sizeof...(T)) {
            return otherwise();
        } else {
            if (value != nullptr && place_ == I)
                return visitor(*static_cast<typename detail::type_listed<I, types>::type const*>(value));
            return visit_from<I + 1>(value, visitor, otherwise);
        }
    }

    std::shared_ptr<void const> value_;
    std::uint16_t place_ = 0; // of the entity's type among T
    detail::loaded_flag loaded_;
};

namespace detail {

enum class relation_kind : unsigned char { has_one, has_many, belongs_to, belongs_to_many, has_many_through, morph_to };

/// Whether a relation of this kind leads to any number of entities, and not to one at most.
[[nodiscard]] constexpr bool is_to_many(relation_kind kind) noexcept {
    return kind == relation_kind::has_many || kind == relation_kind::has_many_through ||
           kind == relation_kind::belongs_to_many;
}

/// Recognises handles by specialisation alone, so that it works while the target of a handle is an incomplete type.
template <class Member> struct handle_traits {
    static constexpr bool is_handle = false;
};
template <class T, relation_kind Kind> struct handle_of {
    static constexpr bool is_handle = true;
    static constexpr relation_kind kind = Kind;
    using target = T;
    using targets = entity_types<T>;
    using links = void; ///< What a belongs_to_many holds.
    /// The entity that links are, of a belongs_to_many whose links are entities.
    using pivot_entity = void;
};
template <class T> struct handle_traits<has_one<T>> : handle_of<T, relation_kind::has_one> {};
template <class T> struct handle_traits<belongs_to<T>> : handle_of<T, relation_kind::belongs_to> {};
template <class T> struct handle_traits<has_many<T>> : handle_of<T, relation_kind::has_many> {};
template <class T> struct handle_traits<has_many_through<T>> : handle_of<T, relation_kind::has_many_through> {};
template <class T> struct handle_traits<belongs_to_many<T>> : handle_of<T, relation_kind::belongs_to_many> {
    using links = detail::links<T, dynasio::pivot>;
};
template <class T, class Pivot>
struct handle_traits<belongs_to_many<T, Pivot>> : handle_of<T, relation_kind::belongs_to_many> {
    using links = detail::links<T, Pivot>;
    using pivot_entity = Pivot;
};
/// A morph_to has no one target.
template <class... T> struct handle_traits<morph_to<T...>> {
    static constexpr bool is_handle = true;
    static constexpr relation_kind kind = relation_kind::morph_to;
    using target = entity_types<T...>;
    using targets = entity_types<T...>;
    using links = void;
    using pivot_entity = void;
};

} // namespace detail

namespace dsl {

using dynasio::belongs_to;
using dynasio::belongs_to_many;
using dynasio::has_many;
using dynasio::has_many_through;
using dynasio::has_one;
using dynasio::morph_to;

} // namespace dsl

} // namespace dynasio

#endif
