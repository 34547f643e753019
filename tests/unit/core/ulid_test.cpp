#include <dynasio/core/error.hpp>
#include <dynasio/core/ulid.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace dynasio;
using namespace std::chrono_literals;

system_time const start{std::chrono::milliseconds(1'469'922'850'259)};

void all_zero(std::span<unsigned char> out) { std::fill(out.begin(), out.end(), static_cast<unsigned char>(0)); }
void all_ones(std::span<unsigned char> out) { std::fill(out.begin(), out.end(), static_cast<unsigned char>(0xff)); }

TEST(ulid, has_26_characters_of_the_alphabet_and_the_time_in_front) {
    ulid_generator generator([] { return start; });
    std::string const id = generator.next();
    EXPECT_EQ(id.size(), 26u);
    EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
    // 1469922850259 ms is the time of the specification's example.
    EXPECT_EQ(id.substr(0, 10), "01ARZ3NDEK");
    EXPECT_EQ(ulid_time(id), start);
}

TEST(ulid, encodes_every_bit_of_the_random_part) {
    unsigned char next = 0;
    ulid_generator generator([] { return system_time(); },
                             [&](std::span<unsigned char> out) {
                                 for (unsigned char& byte : out) byte = next++;
                             });
    // 00 01 02 03 04 05 06 07 08 09 in groups of five bits.
    EXPECT_EQ(generator.next(), "0000000000000G40R40M30E209");
}

TEST(ulid, counts_up_within_a_millisecond) {
    ulid_generator generator([] { return start; }, all_zero);
    EXPECT_EQ(generator.next(), "01ARZ3NDEK0000000000000000");
    EXPECT_EQ(generator.next(), "01ARZ3NDEK0000000000000001");
    EXPECT_EQ(generator.next(), "01ARZ3NDEK0000000000000002");
}

TEST(ulid, carries_into_the_upper_random_bits) {
    // High 16 bits 0, low 64 bits all ones.
    ulid_generator generator([] { return start; },
                             [](std::span<unsigned char> out) {
                                 all_ones(out);
                                 out[0] = out[1] = 0;
                             });
    std::string const first = generator.next();
    std::string const second = generator.next();
    EXPECT_EQ(first, "01ARZ3NDEK000FZZZZZZZZZZZZ");
    EXPECT_EQ(second, "01ARZ3NDEK000G000000000000");
}

TEST(ulid, draws_new_random_bits_in_a_new_millisecond) {
    system_time now = start;
    ulid_generator generator([&] { return now; });
    std::string const first = generator.next();
    now += 1ms;
    std::string const second = generator.next();
    EXPECT_LT(first, second);
    EXPECT_NE(first.substr(10), second.substr(10));
    EXPECT_EQ(ulid_time(second), now);
}

TEST(ulid, borrows_the_next_millisecond_when_the_random_bits_overflow) {
    system_time now = start;
    ulid_generator generator([&] { return now; }, all_ones);
    EXPECT_EQ(generator.next(), "01ARZ3NDEKZZZZZZZZZZZZZZZZ");
    std::string const borrowed = generator.next();
    EXPECT_EQ(ulid_time(borrowed), start + 1ms);
    now = start + 1ms;
    std::string const later = generator.next();
    EXPECT_EQ(ulid_time(later), start + 2ms);
    EXPECT_LT(borrowed, later);
}

TEST(ulid, stays_monotonic_when_the_clock_steps_back) {
    system_time now = start;
    ulid_generator generator([&] { return now; });
    std::string const before = generator.next();
    now -= 1h;
    std::string const during = generator.next();
    now = start + 1ms;
    std::string const after = generator.next();
    EXPECT_LT(before, during);
    EXPECT_LT(during, after);
    EXPECT_EQ(ulid_time(during), start);
    EXPECT_EQ(ulid_time(after), now);
}

TEST(ulid, counts_times_before_1970_as_1970) {
    ulid_generator generator([] { return system_time(-5ms); });
    EXPECT_EQ(ulid_time(generator.next()), system_time());
}

TEST(ulid, refuses_times_that_do_not_fit) {
    system_time now{std::chrono::milliseconds((std::int64_t(1) << 48) - 1)};
    ulid_generator generator([&] { return now; }, all_ones);
    EXPECT_EQ(generator.next(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    EXPECT_THROW((void)generator.next(), error);
    EXPECT_THROW((void)generator.next(), error);
    now += 1ms;
    EXPECT_THROW((void)generator.next(), error);
}

TEST(ulid, is_unique_across_generators_and_batches_of_random_bytes) {
    system_time now = start;
    ulid_generator one([&] { return now; });
    ulid_generator two([&] { return now; });
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i, now += 1ms) {
        EXPECT_TRUE(seen.insert(one.next()).second);
        EXPECT_TRUE(seen.insert(two.next()).second);
    }
}

TEST(ulid, is_unique_and_rising_for_each_thread_that_shares_a_generator) {
    ulid_generator generator;
    constexpr std::size_t count = 5000;
    std::vector<std::vector<std::string>> made(4);
    std::vector<std::thread> threads;
    for (auto& mine : made)
        threads.emplace_back([&generator, &mine] {
            for (std::size_t i = 0; i < count; ++i) mine.push_back(generator.next());
        });
    for (auto& thread : threads) thread.join();
    std::set<std::string> all;
    for (auto const& mine : made) {
        EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
        all.insert(mine.begin(), mine.end());
    }
    EXPECT_EQ(all.size(), made.size() * count);
}

TEST(ulid, differs_between_a_process_and_its_fork) {
    ulid_generator generator([] { return start; });
    std::string const before = generator.next();
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    pid_t const child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::string const id = generator.next();
        ::_exit(::write(pipes[1], id.data(), id.size()) == 26 ? 0 : 1);
    }
    ::close(pipes[1]);
    std::string from_child(26, ' ');
    EXPECT_EQ(::read(pipes[0], from_child.data(), 26), 26);
    ::close(pipes[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_NE(from_child, generator.next());
    EXPECT_GT(from_child, before);
}

TEST(ulid_time, reads_lower_case) { EXPECT_EQ(ulid_time("01arz3ndektsv4rrffq69g5fav"), start); }

TEST(ulid_time, refuses_what_is_no_ulid) {
    EXPECT_EQ(ulid_time(""), std::nullopt);
    EXPECT_EQ(ulid_time("01ARZ3NDEKTSV4RRFFQ69G5FA"), std::nullopt);
    EXPECT_EQ(ulid_time("01ARZ3NDEKTSV4RRFFQ69G5FAVV"), std::nullopt);
    EXPECT_EQ(ulid_time("81ARZ3NDEKTSV4RRFFQ69G5FAV"), std::nullopt);
    EXPECT_EQ(ulid_time("01ARZ3NDEKTSV4RRFFQ69G5FA-"), std::nullopt);
    for (char const c : std::string("ILOUilou@[`{/:"))
        EXPECT_EQ(ulid_time("01ARZ3NDEKTSV4RRFFQ69G5FA" + std::string(1, c)), std::nullopt) << c;
}

TEST(ulid_time, covers_the_whole_range) {
    EXPECT_EQ(ulid_time("00000000000000000000000000"), system_time());
    EXPECT_EQ(ulid_time("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
              system_time(std::chrono::milliseconds((std::int64_t(1) << 48) - 1)));
}

} // namespace
