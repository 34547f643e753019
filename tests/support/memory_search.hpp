#ifndef DYNASIO_TESTS_SUPPORT_MEMORY_SEARCH_HPP
#define DYNASIO_TESTS_SUPPORT_MEMORY_SEARCH_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace dynasio::test {

/// A text that this test program can look for in its own memory: what is kept here is another one, from which the text
/// is made when it is needed.
class hidden_text {
public:
    /// `size` letters and digits that follow from `seed`, unlike those of another seed.
    explicit hidden_text(unsigned seed, std::size_t size = 40);
    /// Any bytes, which are then overwritten.
    [[nodiscard]] static hidden_text take(void* bytes, std::size_t size);

    /// The text. What becomes of this copy is what a test looks at.
    [[nodiscard]] std::string reveal() const;
    /// Whether it is part of `text`.
    [[nodiscard]] bool is_in(std::string_view text) const noexcept;

    /// How often the text, or all of it but what a freed block loses, is in the process's writable memory: heap in use,
    /// heap that was freed, stacks, globals.
    [[nodiscard]] std::size_t copies_in_memory() const;

    /// Under a sanitizer, memory is not to be searched.
    static bool const can_search;

private:
    hidden_text() = default;
    [[nodiscard]] static std::size_t count(std::string_view masked, char const* begin, char const* end) noexcept;

    std::string masked_{};
};

} // namespace dynasio::test

#endif
