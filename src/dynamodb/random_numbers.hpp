#ifndef DYNASIO_SRC_DYNAMODB_RANDOM_NUMBERS_HPP
#define DYNASIO_SRC_DYNAMODB_RANDOM_NUMBERS_HPP

#include <cstdint>
#include <random>

namespace dynasio::dynamodb::detail {

/// Random numbers for jitter and invocation ids (splitmix64). They are well distributed but predictable: not for
/// secrets.
class random_numbers {
public:
    random_numbers() {
        std::random_device device;
        state_ = (static_cast<std::uint64_t>(device()) << 32) ^ device();
    }
    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

} // namespace dynasio::dynamodb::detail

#endif
