#include <dynasio/aws/detail/region.hpp>

#include <algorithm>
#include <array>

#include "../core/ascii.hpp"

namespace dynasio::aws::detail {
namespace {

using dynasio::detail::is_digit;

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) noexcept { return is_digit(c) || is_letter(c) || c == '_'; }

/// Regions are named "<prefix>-<word>-<number>". Each partition also has one pseudo-region for services without
/// regions.
struct partition_rule {
    partition about{};
    std::string_view global_region{};
    std::array<std::string_view, 9> prefixes{};
};

constexpr partition_rule partitions[] = {
    {{"aws", "amazonaws.com", "api.aws"}, "aws-global", {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"}},
    {{"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"}, "aws-cn-global", {"cn"}},
    {{"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"}, "", {"eusc-de"}},
    {{"aws-iso", "c2s.ic.gov", "api.aws.ic.gov"}, "aws-iso-global", {"us-iso"}},
    {{"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"}, "aws-iso-b-global", {"us-isob"}},
    {{"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"}, "aws-iso-e-global", {"eu-isoe"}},
    {{"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"}, "aws-iso-f-global", {"us-isof"}},
    {{"aws-us-gov", "amazonaws.com", "api.aws"}, "aws-us-gov-global", {"us-gov"}},
};

bool has_form(std::string_view region, std::string_view prefix) noexcept {
    if (!region.starts_with(prefix) || region.size() <= prefix.size() || region[prefix.size()] != '-') return false;
    region.remove_prefix(prefix.size() + 1);
    auto const dash = region.find('-');
    if (dash == 0 || dash == std::string_view::npos || dash + 1 == region.size()) return false;
    std::string_view const word = region.substr(0, dash);
    std::string_view const number = region.substr(dash + 1);
    return std::all_of(word.begin(), word.end(), is_word) && std::all_of(number.begin(), number.end(), is_digit);
}

bool is_of(std::string_view region, partition_rule const& rule) noexcept {
    return (!rule.global_region.empty() && region == rule.global_region) ||
           std::any_of(rule.prefixes.begin(), rule.prefixes.end(),
                       [region](std::string_view prefix) { return !prefix.empty() && has_form(region, prefix); });
}

} // namespace

partition const& partition_of(std::string_view region) noexcept {
    for (partition_rule const& rule : partitions)
        if (is_of(region, rule)) return rule.about;
    return partitions[0].about;
}

bool is_host_label(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || is_letter(c) || c == '-'; });
}

bool is_region_name(std::string_view text) noexcept {
    return is_host_label(text) && std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

} // namespace dynasio::aws::detail
