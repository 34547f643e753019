#ifndef DYNASIO_AWS_DETAIL_REGION_HPP
#define DYNASIO_AWS_DETAIL_REGION_HPP

#include <string_view>

namespace dynasio::aws::detail {

/// A partition of AWS: a group of regions with the same DNS suffixes.
struct partition {
    std::string_view id{};
    std::string_view dns_suffix{};
    std::string_view dual_stack_suffix{};
    bool has_fips = true;
    bool has_dual_stack = true;
};

/// The partition of a region; "aws" for a region that matches none, as in every AWS SDK.
[[nodiscard]] partition const& partition_of(std::string_view region) noexcept;

/// Whether `text` consists of 1 to 63 letters, digits and '-', with no '-' at either end.
[[nodiscard]] bool is_host_label(std::string_view text) noexcept;

/// Whether `text` is a host label in lower case. Regions must be, because they become part of host names.
[[nodiscard]] bool is_region_name(std::string_view text) noexcept;

} // namespace dynasio::aws::detail

#endif
