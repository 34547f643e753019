#ifndef DYNASIO_TESTING_MATCH_HPP
#define DYNASIO_TESTING_MATCH_HPP

#include <dynasio/testing/recorded_request.hpp>

#include <string>
#include <vector>

namespace dynasio::testing {

/// A condition on requests: `match("BatchGetItem").table("users").key_containing("u-7")`.
///
/// A match is a value: every member function returns a narrowed copy. All conditions must hold.
class match {
public:
    /// Every request.
    match() = default;
    /// Requests of one operation, named as in X-Amz-Target: "Query".
    explicit match(std::string operation);

    /// Requests that name this table, possibly among others.
    [[nodiscard]] match table(std::string name) const;
    [[nodiscard]] match index(std::string name) const;
    /// Requests with at least one key (item, for puts) whose canonical JSON contains `text`.
    [[nodiscard]] match key_containing(std::string text) const;
    /// Requests whose body contains `text`; for Query and Scan, which have no keys.
    [[nodiscard]] match body_containing(std::string text) const;
    /// Requests that fulfil `condition`, which `what` names in reports. In a rule it runs on the endpoint's thread.
    /// Throws errc::invalid_argument when `condition` is empty.
    [[nodiscard]] match where(request_predicate condition, std::string what = "a condition") const;

    [[nodiscard]] bool operator()(recorded_request const& request) const;

    /// `BatchGetItem on "users" with a key containing "u-7"`
    [[nodiscard]] std::string describe() const;

private:
    struct condition {
        request_predicate holds;
        std::string text;
    };
    [[nodiscard]] match narrowed(request_predicate holds, std::string text) const;

    std::string operation_;
    std::vector<condition> conditions_;
};

} // namespace dynasio::testing

#endif
