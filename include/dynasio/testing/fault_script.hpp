#ifndef DYNASIO_TESTING_FAULT_SCRIPT_HPP
#define DYNASIO_TESTING_FAULT_SCRIPT_HPP

#include <dynasio/testing/fault_endpoint.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::testing {

/// A fault that a script put in force.
struct scripted_fault {
    std::string text; ///< As written.
    scripted_rule rule;

    scripted_fault(std::string written, scripted_rule r) : text(std::move(written)), rule(std::move(r)) {}
};

/// Puts one fault in force, written as for dynasio-fault-proxy: `throttle:rate=0.05,operation=Query,table=users`.
/// fault_script_help() lists what can be written.
///
/// A value that contains a comma or begins with a quotation mark is put into quotation marks; \" and \\ stand for
/// themselves there.
/// Throws errc::invalid_argument, with a message that says what is known instead.
scripted_fault apply_fault(fault_endpoint& endpoint, std::string_view fault);

/// A fault on each line; empty lines and lines that begin with '#' say nothing. All faults are put in force, in their
/// order, or none: errc::invalid_argument then names the line.
std::vector<scripted_fault> apply_fault_script(fault_endpoint& endpoint, std::string_view script);

/// Every fault and every setting, for people.
[[nodiscard]] std::string fault_script_help();

} // namespace dynasio::testing

#endif
