#ifndef DYNASIO_TESTS_SUPPORT_CERTIFICATES_HPP
#define DYNASIO_TESTS_SUPPORT_CERTIFICATES_HPP

// Header only, so that tests of layers below dynasio::testing can have it too.
#include <dynasio/testing/detail/certificates.hpp>

namespace dynasio::test {

using test_certificates::certificate;
using test_certificates::certificate_authority;

} // namespace dynasio::test

#endif
