#ifndef DYNASIO_BENCH_SHAPE_ITEMS_HPP
#define DYNASIO_BENCH_SHAPE_ITEMS_HPP

#include <array>
#include <string>
#include <string_view>

// Items of the shapes in shapes.hpp in wire form, as a server answers them. The canned server and the measurements
// without a server use the same bytes.
namespace bench {

constexpr std::array<std::string_view, 4> shape_names{"small", "wide", "deep", "large"};

inline std::string small_item() {
    return R"({"count":{"N":"4711"},"id":{"S":"01HQ3K4N5M6P7Q8R9S0T1U0000"},"active":{"BOOL":true},"name":{"S":"Ann Miller"}})";
}

/// The attributes come in an order that has nothing to do with their names, as they do from the service. "t00" is the
/// key.
inline std::string wide_item() {
    std::string out = "{";
    for (int i = 0; i < 100; ++i) {
        int const number = (i * 37 + 11) % 100;
        std::string const digits{static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
        if (i > 0) out += ',';
        if (number == 0)
            out += R"("t00":{"S":"01HQ3K4N5M6P7Q8R9S0T1U0000"})";
        else if (number < 40)
            out += "\"t" + digits + R"(":{"S":"the text of number )" + digits + "\"}";
        else if (number < 70)
            out += "\"n" + digits + R"(":{"N":")" + std::to_string(1'000'003 * number) + "\"}";
        else if (number < 90)
            out += "\"d" + digits + R"(":{"N":")" + std::to_string(number) + ".125\"}";
        else
            out += "\"b" + digits + R"(":{"BOOL":)" + (number % 2 == 0 ? "true}" : "false}");
    }
    return out + '}';
}

inline std::string deep_item() {
    std::string out = R"({"top":)";
    for (int level = 10; level > 0; --level) {
        std::string const number = std::to_string(level);
        out += R"({"M":{"number":{"N":")" + number + R"("},"name":{"S":"level )" + number + R"("})";
        if (level > 1) out += R"(,"inner":)";
    }
    for (int level = 10; level > 0; --level) out += "}}";
    return out + R"(,"id":{"S":"01HQ3K4N5M6P7Q8R9S0T1U0000"}})";
}

inline std::string large_item() {
    std::string out = R"({"bytes":{"B":")";
    for (int i = 0; i < 25'000; ++i) out += "qL3f";
    out += R"("},"text":{"S":")";
    for (int i = 0; i < 1'000; ++i)
        out +=
            R"(A line of prose, some hundred characters long, with a \"quotation\", a na\u00efve word and its end.\n)";
    out += R"("},"list":{"L":[)";
    for (int i = 0; i < 1'500; ++i) {
        if (i > 0) out += ',';
        out += R"({"S":"element )" + std::to_string(10'000 + i) + R"( of a list of texts of the usual length"})";
    }
    return out + R"(]},"id":{"S":"01HQ3K4N5M6P7Q8R9S0T1U0000"}})";
}

inline std::string shape_item(std::string_view shape) {
    if (shape == "small") return small_item();
    if (shape == "wide") return wide_item();
    if (shape == "deep") return deep_item();
    return large_item();
}

} // namespace bench

#endif
