#ifndef DYNASIO_TESTS_SUPPORT_PROPERTY_HPP
#define DYNASIO_TESTS_SUPPORT_PROPERTY_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

// Tests of properties: what holds for values, conditions and sequences that are drawn at random. The numbers are the
// same in every run, unless DYNASIO_PROPERTY_SEED names others; DYNASIO_PROPERTY_FACTOR makes more of them.
namespace dynasio::test {

class property_run {
public:
    property_run() : seed_(number_in("DYNASIO_PROPERTY_SEED", 20240229)), random_(seed_) {}

    /// What a failure has to show: `SCOPED_TRACE(run.how_to_repeat())`.
    [[nodiscard]] std::string how_to_repeat() const { return "DYNASIO_PROPERTY_SEED=" + std::to_string(seed_); }
    [[nodiscard]] static std::size_t rounds(std::size_t usual) {
        return usual * static_cast<std::size_t>(number_in("DYNASIO_PROPERTY_FACTOR", 1));
    }

    /// A number below `end`.
    [[nodiscard]] std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }
    [[nodiscard]] bool one_in(std::size_t n) { return below(n) == 0; }
    [[nodiscard]] std::uint64_t bits() { return random_(); }
    template <class Container> [[nodiscard]] auto const& of(Container const& all) { return all[below(all.size())]; }

private:
    static std::uint64_t number_in(char const* variable, std::uint64_t otherwise) {
        char const* const text = std::getenv(variable);
        return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
    }

    std::uint64_t seed_;
    std::mt19937_64 random_;
};

} // namespace dynasio::test

#endif
