#include "support/allocation_counter.hpp"

#include <cerrno>
#include <cstdlib>
#include <new>

namespace dynasio::tests {
namespace {

// Plain thread-local integers: malloc must not allocate to count.
thread_local std::size_t total_calls = 0;
thread_local std::size_t total_bytes = 0;
thread_local std::size_t total_new_calls = 0;

[[maybe_unused]] void count(std::size_t size) noexcept {
    ++total_calls;
    total_bytes += size;
}

} // namespace

allocation_counter::allocation_counter() noexcept
    : calls_(total_calls), bytes_(total_bytes), new_calls_(total_new_calls) {}
std::size_t allocation_counter::new_calls() const noexcept { return total_new_calls - new_calls_; }
std::size_t allocation_counter::calls() const noexcept { return total_calls - calls_; }
std::size_t allocation_counter::bytes() const noexcept { return total_bytes - bytes_; }

} // namespace dynasio::tests

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define DYNASIO_TESTS_NO_INTERPOSITION
#endif
#endif
#else
#define DYNASIO_TESTS_NO_INTERPOSITION
#endif

#ifndef DYNASIO_TESTS_NO_INTERPOSITION

// glibc's own entry points; its free() takes what any of them gave.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* pointer, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
    dynasio::tests::count(size);
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    dynasio::tests::count(count * size);
    return __libc_calloc(count, size);
}

void* realloc(void* pointer, std::size_t size) noexcept {
    dynasio::tests::count(size);
    return __libc_realloc(pointer, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    dynasio::tests::count(size);
    return __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
    dynasio::tests::count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
    if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0) return EINVAL;
    dynasio::tests::count(size);
    void* const pointer = __libc_memalign(alignment, size);
    if (pointer == nullptr) return ENOMEM;
    *out = pointer;
    return 0;
}
}

// The array and nothrow forms of the standard library end up in these.
void* operator new(std::size_t size) {
    ++dynasio::tests::total_new_calls;
    void* const pointer = malloc(size);
    if (pointer == nullptr) throw std::bad_alloc();
    return pointer;
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    ++dynasio::tests::total_new_calls;
    void* const pointer = aligned_alloc(static_cast<std::size_t>(alignment), size);
    if (pointer == nullptr) throw std::bad_alloc();
    return pointer;
}

void operator delete(void* pointer) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::align_val_t) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept { std::free(pointer); }

#endif
