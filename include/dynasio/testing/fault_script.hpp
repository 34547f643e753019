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
    std::string text; ///< The fault as written in the script.
    scripted_rule rule;

    scripted_fault(std::string written, scripted_rule r) : text(std::move(written)), rule(std::move(r)) {}
};

/// Puts one fault in force, written as for dynasio-fault-proxy: `throttle:rate=0.05,operation=Query,table=users`.
/// fault_script_help() lists what can be written.
///
/// A value that contains a comma or begins with a quotation mark must be in quotation marks; within them \" and
/// \\ stand for a quotation mark and a backslash. Throws errc::invalid_argument, with a message that lists what is
/// known.
scripted_fault apply_fault(fault_endpoint& endpoint, std::string_view fault);

/// Reads a fault from each line; empty lines and lines that begin with '#' are ignored. Either all faults are put in
/// force, in their order, or none, and errc::invalid_argument names the line.
std::vector<scripted_fault> apply_fault_script(fault_endpoint& endpoint, std::string_view script);

/// A text for people that lists every fault and every setting.
[[nodiscard]] std::string fault_script_help();

} // namespace dynasio::testing

#endif
