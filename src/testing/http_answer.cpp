#include <dynasio/testing/detail/http_answer.hpp>

#include <dynasio/core/error.hpp>

#include <boost/crc.hpp>

#include <algorithm>

#include "../core/ascii.hpp"

namespace dynasio::testing::detail {

std::uint32_t crc32(std::string_view bytes) noexcept {
    boost::crc_32_type sum;
    sum.process_bytes(bytes.data(), bytes.size());
    return sum.checksum();
}

void check_header(std::string_view name, std::string_view value) {
    auto const token = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    };
    auto const control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
    if (name.empty() || !std::ranges::all_of(name, token) || std::ranges::any_of(value, control))
        throw_error(errc::invalid_argument, "not a header that HTTP allows: \"" + std::string(name) + '"');
}

void check_answer(canned_answer const& answer) {
    if (answer.status < 200 || answer.status > 599)
        throw_error(errc::invalid_argument, "not the status of a final answer: " + std::to_string(answer.status));
    check_header("Content-Type", answer.content_type);
    for (auto const& [name, value] : answer.headers) check_header(name, value);
}

void http_answer::set_header(std::string_view name, std::string value) {
    std::erase_if(headers, [&](auto const& h) { return dynasio::detail::is_equal_but_case(h.first, name); });
    headers.emplace_back(name, std::move(value));
}

std::string const* http_answer::find_header(std::string_view name) const noexcept {
    auto const found =
        std::ranges::find_if(headers, [&](auto const& h) { return dynasio::detail::is_equal_but_case(h.first, name); });
    return found == headers.end() ? nullptr : &found->second;
}

void http_answer::set_crc32() { set_header("x-amz-crc32", std::to_string(crc32(body))); }

http_answer to_http(canned_answer answer, std::size_t request_number) {
    http_answer out;
    out.status = answer.status;
    out.body = std::move(answer.body);
    if (!answer.content_type.empty()) out.headers.emplace_back("Content-Type", answer.content_type);
    if (answer.content_type == canned_answer::json_type) {
        out.headers.emplace_back("x-amzn-RequestId", "fault-endpoint-" + std::to_string(request_number));
        out.set_crc32();
    }
    for (auto& [name, value] : answer.headers) out.set_header(name, std::move(value));
    return out;
}

} // namespace dynasio::testing::detail
