#ifndef DYNASIO_CORE_DETAIL_NEVER_HPP
#define DYNASIO_CORE_DETAIL_NEVER_HPP

// For functions that exist to say what a program should have written instead. Each is a template, so that its
// static_assert fails when it is called and not before.
namespace dynasio::detail {

/// False, but only once the types are known: a static_assert on it fails when the template is used and not before.
template <class... T> inline constexpr bool never = false;

/// What a refused function returns, so that what a program does with its result is no further error. Never defined.
template <class Result> Result refused() noexcept;

} // namespace dynasio::detail

#endif
