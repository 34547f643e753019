#ifndef DYNASIO_BENCH_ANSWERS_HPP
#define DYNASIO_BENCH_ANSWERS_HPP

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

// The canned answers. The server and the measurements without a server use the same bytes.
namespace bench {

/// Attributes of account `i` in wire form, in an order that differs from item to item; some texts have escapes and
/// letters outside of ASCII.
inline std::string account_item(int i) {
    static constexpr std::array<std::string_view, 5> names{"Ann Miller", "Jos\u00e9 Ni\u00f1o", R"(Kim \"K\" Lee)",
                                                           "Zo\u00eb Gr\u00f6n", "Bob Brown"};
    std::string const number = std::to_string(i);
    std::array<std::string, 12> attributes{
        R"("id":{"S":"01HQ3K4N5M6P7Q8R9S0T1U)" + std::string(4 - std::min<std::size_t>(4, number.size()), '0') +
            number + R"("})",
        R"("email":{"S":"user)" + number + R"(@mail.some-company-namelong12.example.org"})",
        R"("name":{"S":")" + std::string(names[static_cast<std::size_t>(i) % names.size()]) + R"("})",
        R"("status":{"S":"active"})",
        R"("age":{"N":")" + std::to_string(20 + i % 60) + R"("})",
        R"("version":{"N":"7"})",
        R"("balance":{"N":"1234.56"})",
        R"("active":{"BOOL":true})",
        R"("created_at":{"S":"2026-01-02T03:04:05.678Z"})",
        R"("updated_at":{"S":"2026-02-03T04:05:06.789Z"})",
        R"("tags":{"L":[{"S":"alpha"},{"S":"beta"}]})",
        R"("country":{"S":"NZ"})"};
    std::string out = "{";
    std::size_t const step = std::array<std::size_t, 4>{1, 5, 7, 11}[static_cast<std::size_t>(i) % 4]; // coprime to 12
    for (std::size_t k = 0; k < attributes.size(); ++k) {
        if (k) out += ',';
        out += attributes[(static_cast<std::size_t>(i) + k * step) % attributes.size()];
    }
    return out + '}';
}

inline std::string get_item_body() { return R"({"Item":)" + account_item(0) + '}'; }

inline std::string put_item_body() { return "{}"; }

inline std::string batch_body() {
    std::string out = R"({"Responses":{"accounts":[)";
    for (int i = 0; i < 100; ++i) {
        if (i) out += ',';
        out += account_item(i);
    }
    return out + R"(]},"UnprocessedKeys":{}})";
}

// A table of 1,000,000 accounts for Scan. All pages have the same items, so that the server makes a page in less time
// than the client reads it. A page differs from others in the place where it ends: the number of items up to there.
constexpr int scanned_items = 1'000'000;

/// A page's body but for its end, which says whether there are more.
inline std::string scan_items_text(int count) {
    std::string out = R"({"Items":[)";
    for (int i = 0; i < count; ++i) {
        if (i) out += ',';
        out += account_item(i);
    }
    std::string const number = std::to_string(count);
    return out + R"(],"Count":)" + number + R"(,"ScannedCount":)" + number;
}

inline std::string scan_end_text(int items_so_far) {
    if (items_so_far >= scanned_items) return "}";
    return R"(,"LastEvaluatedKey":{"id":{"S":")" + std::to_string(items_so_far) + R"("}}})";
}

inline std::string account_id(int i) {
    std::string const number = std::to_string(i);
    return "01HQ3K4N5M6P7Q8R9S0T1U" + std::string(4 - std::min<std::size_t>(4, number.size()), '0') + number;
}

} // namespace bench

#endif
