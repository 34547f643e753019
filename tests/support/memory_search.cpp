#include "support/memory_search.hpp"

#include <openssl/crypto.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "support/allocation_counter.hpp"

namespace dynasio::test {

namespace {

constexpr char mask = 0x15;

} // namespace

bool const hidden_text::can_search = tests::allocation_counter::enabled;

hidden_text::hidden_text(unsigned seed, std::size_t size) {
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    auto state = std::uint32_t{2'654'435'761U} * (seed + 1);
    masked_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
        state = state * 1'664'525U + 1'013'904'223U;
        masked_ += static_cast<char>(letters[(state >> 16) % 62] ^ mask);
    }
}

hidden_text hidden_text::take(void* bytes, std::size_t size) {
    hidden_text result;
    auto* const text = static_cast<char*>(bytes);
    result.masked_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) result.masked_ += static_cast<char>(text[i] ^ mask);
    ::OPENSSL_cleanse(bytes, size);
    return result;
}

std::string hidden_text::reveal() const {
    std::string text;
    text.reserve(masked_.size());
    for (char const c : masked_) text += static_cast<char>(c ^ mask);
    return text;
}

std::size_t hidden_text::count(std::string_view masked, char const* begin, char const* end) noexcept {
    std::size_t found = 0;
    auto const first = static_cast<char>(masked[0] ^ mask);
    while (static_cast<std::size_t>(end - begin) >= masked.size()) {
        auto const room = static_cast<std::size_t>(end - begin) - masked.size() + 1;
        auto const* const at = static_cast<char const*>(std::memchr(begin, first, room));
        if (at == nullptr) break;
        std::size_t same = 1;
        while (same < masked.size() && static_cast<char>(at[same] ^ mask) == masked[same]) ++same;
        if (same == masked.size()) ++found;
        begin = at + 1;
    }
    return found;
}

bool hidden_text::is_in(std::string_view text) const noexcept {
    return count(masked_, text.data(), text.data() + text.size()) != 0;
}

std::size_t hidden_text::copies_in_memory() const {
    // All read before anything is searched: reading allocates.
    std::vector<std::pair<char const*, char const*>> areas;
    areas.reserve(1024);
    std::FILE* const maps = std::fopen("/proc/self/maps", "r");
    if (maps == nullptr) throw std::runtime_error("no /proc/self/maps to search");
    char line[512];
    while (std::fgets(line, sizeof line, maps) != nullptr) {
        unsigned long begin = 0;
        unsigned long end = 0;
        char access[5] = {};
        if (std::sscanf(line, "%lx-%lx %4s", &begin, &end, access) == 3 && access[0] == 'r' && access[1] == 'w')
            areas.emplace_back(reinterpret_cast<char const*>(begin), reinterpret_cast<char const*>(end));
    }
    std::fclose(maps);
    std::size_t found = 0;
    // In a block that was freed the allocator's lists take the place of the first bytes.
    constexpr std::size_t lost = 16;
    std::string_view const rest = std::string_view(masked_).substr(masked_.size() >= 2 * lost ? lost : 0);
    for (auto const& [begin, end] : areas) found += count(rest, begin, end);
    return found;
}

} // namespace dynasio::test
