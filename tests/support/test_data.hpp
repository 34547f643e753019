#ifndef DYNASIO_TESTS_SUPPORT_TEST_DATA_HPP
#define DYNASIO_TESTS_SUPPORT_TEST_DATA_HPP

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace dynasio::tests {

/// Content of a file under tests/data.
inline std::string read_data(std::string const& path) {
    std::ifstream file(std::string(DYNASIO_TEST_DATA "/") + path, std::ios::binary);
    if (!file) throw std::runtime_error("no such test data: " + path);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

inline boost::json::value read_json(std::string const& path) { return boost::json::parse(read_data(path)); }

inline std::string to_string(boost::json::value const& text) { return std::string(std::string_view(text.as_string())); }

/// A vector's description as a test name: letters and digits, the rest as underscores.
inline std::string test_name(std::string name) {
    for (char& c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '_';
    return name;
}

} // namespace dynasio::tests

#endif
