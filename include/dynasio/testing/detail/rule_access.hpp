#ifndef DYNASIO_TESTING_DETAIL_RULE_ACCESS_HPP
#define DYNASIO_TESTING_DETAIL_RULE_ACCESS_HPP

#include <dynasio/testing/fault_endpoint.hpp>

#include <memory>
#include <utility>

namespace dynasio::testing::detail {

/// Lets the reader of fault scripts make rules outside of an endpoint, so that it puts them in force together after the
/// whole script was read.
struct rule_access {
    [[nodiscard]] static rule_builder on(std::shared_ptr<script> to, std::shared_ptr<rule> r) {
        return rule_builder(std::move(to), std::move(r));
    }
    [[nodiscard]] static connection_rule_builder on_connection(std::shared_ptr<script> to, bool tls) {
        return connection_rule_builder(std::move(to), tls);
    }
    [[nodiscard]] static std::shared_ptr<rule> const& rule_of(scripted_rule const& r) noexcept { return r.rule_; }
    [[nodiscard]] static std::shared_ptr<script> const& script_of(fault_endpoint const& endpoint) noexcept;
};

} // namespace dynasio::testing::detail

#endif
