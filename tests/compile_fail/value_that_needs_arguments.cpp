// expect: dynasio: a value is made without arguments when it is read
#include <dynasio/orm/detail/describe.hpp>

#include <string>
#include <utility>

class Part {
public:
#ifdef DYNASIO_CONTROL
    Part() = default;
#endif
    explicit Part(std::string name) : name_(std::move(name)) {}
    [[nodiscard]] std::string const& name() const { return name_; }

private:
    std::string name_{};

    friend constexpr auto dynasio_schema(dynasio::tag<Part>) {
        return dynasio::value<Part>(dynasio::members<&Part::name_>);
    }
};
auto const& type() { return dynasio::detail::value_type_of<Part>(); }
