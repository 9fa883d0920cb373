// Drives the pool from many sides at once, for the sanitizers of `make sanitize`, and checks every result.
// Exits with 0 and one line, or with 1 and the first failure.

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "pool.hpp"
#include "reduce.hpp"

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

using multilogit::parallel_for;
using multilogit::reduce;
using Numbers = std::vector<double>;

namespace {

void check(bool condition, const char* sentence) {
    if (condition) return;
    std::fprintf(stderr, "pool_stress: not true: %s\n", sentence);
    std::_Exit(1);
}

double part(std::size_t index, std::size_t k) { return std::sin(1.0 + static_cast<double>(3 * index + k)); }

// The sum as a binary counter on one thread adds it, from its definition.
Numbers sum_in_order(std::size_t count) {
    std::vector<std::pair<int, Numbers>> stack;
    const auto fold = [&stack](Numbers total) {
        for (std::size_t k = 0; k < total.size(); ++k) total[k] = stack.back().second[k] + total[k];
        stack.pop_back();
        return total;
    };
    for (std::size_t index = 0; index < count; ++index) {
        Numbers total{part(index, 0), part(index, 1), part(index, 2)};
        int level = 0;
        for (; !stack.empty() && stack.back().first == level; ++level) total = fold(total);
        stack.push_back({level, total});
    }
    Numbers total = stack.back().second;
    stack.pop_back();
    while (!stack.empty()) total = fold(total);
    return total;
}

// The same sum by reduce(); `buffers`, where given, counts those that were made.
Numbers sum_in_parallel(std::size_t count, int n_threads, std::atomic<int>* buffers = nullptr) {
    Numbers total;
    const bool finished = reduce(
        count, n_threads,
        [buffers] {
            if (buffers) ++*buffers;
            return Numbers(3);
        },
        [](std::size_t index, int, Numbers& numbers) {
            for (std::size_t k = 0; k < 3; ++k) numbers[k] = part(index, k);
        },
        [](Numbers& left, const Numbers& right) {
            for (std::size_t k = 0; k < 3; ++k) left[k] += right[k];
        },
        total);
    check(finished, "a sum that nobody interrupts is finished");
    return total;
}

void same_bits_for_any_number_of_threads() {
    for (std::size_t count : {1, 2, 3, 7, 64, 65, 1000})
        for (int n_threads = 1; n_threads <= 8; ++n_threads)
            check(sum_in_parallel(count, n_threads) == sum_in_order(count), "the sum has the bits of the binary counter");
}

void few_buffers_are_made() {
    for (int n_threads : {1, 4}) {
        std::atomic<int> buffers{0};
        sum_in_parallel(1 << 10, n_threads, &buffers);
        check(buffers <= n_threads * (1 + 10), "at most n_threads (1 + log2(count)) buffers are alive");
    }
}

void every_index_once_and_scratch_is_private() {
    const std::size_t count = 2000;
    const int n_threads = 5;
    std::vector<int> calls(count);
    std::vector<std::size_t> scratch(n_threads), last(n_threads);
    parallel_for(count, n_threads, [&](std::size_t index, int worker) {
        check(worker >= 0 && worker < n_threads, "the worker's number is below n_threads");
        check(index >= last[worker], "indices start in increasing order");
        last[worker] = scratch[worker] = index;
        calls[index] += 1;
        check(scratch[worker] == index, "no two tasks that run at once share a worker's number");
    });
    for (int each : calls) check(each == 1, "every index has its task once");
}

void nested_jobs_run_inline() {
    std::atomic<int> calls{0};
    parallel_for(16, 4, [&](std::size_t, int) {
        const auto here = std::this_thread::get_id();
        parallel_for(8, 4, [&](std::size_t, int worker) {
            check(worker == 0 && std::this_thread::get_id() == here, "a job inside a task runs on its thread");
            ++calls;
        });
    });
    check(calls == 16 * 8, "nested jobs are complete");
}

void the_first_exception_reaches_the_caller() {
    std::atomic<int> calls{0};
    try {
        parallel_for(100000, 4, [&](std::size_t index, int) {
            ++calls;
            if (index == 40) throw std::runtime_error("forty");
            if (index > 40) std::this_thread::sleep_for(std::chrono::microseconds(50));
        });
        check(false, "an exception in a task is rethrown");
    } catch (const std::runtime_error& error) {
        check(error.what() == std::string("forty"), "the exception is the task's own");
    }
    check(calls < 100000, "an exception skips the rest");
}

void an_interruption_stops_the_job() {
    for (int n_threads : {1, 4}) {
        std::atomic<int> running{0};
        std::atomic<std::size_t> calls{0};
        const bool finished = parallel_for(
            100000, n_threads,
            [&](std::size_t, int) {
                ++running, ++calls;
                std::this_thread::sleep_for(std::chrono::microseconds(200));
                --running;
            },
            [] { return true; });
        check(!finished, "an interrupted job says so");
        check(running == 0, "the tasks of an interrupted job have finished when it returns");
        check(calls > 0 && calls < 100000, "an interruption skips the rest");
    }
}

void jobs_start_inside_the_question_for_interruption() {
    static std::atomic<int> asked{0};
    const auto ask = [] {
        ++asked;
        check(sum_in_parallel(100, 3) == sum_in_order(100), "a job runs while another one asks for interruption");
        return false;
    };
    // One thread runs a long task while the caller waits, another time the caller is busy itself.
    parallel_for(
        2, 2, [](std::size_t, int) { std::this_thread::sleep_for(std::chrono::milliseconds(60)); }, ask);
    parallel_for(
        60, 1, [](std::size_t, int) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }, ask);
    check(asked > 0, "the caller asks for interruption");
}

void the_limit_holds() {
    multilogit::set_thread_limit(2);
    parallel_for(200, 8, [](std::size_t, int worker) { check(worker < 2, "a job keeps to the limit"); });
    multilogit::set_thread_limit(1);
    const auto here = std::this_thread::get_id();
    parallel_for(200, 8, [&](std::size_t, int) { check(std::this_thread::get_id() == here, "a limit of 1 is inline"); });
    multilogit::set_thread_limit(0);
}

thread_local int my_count = 8;

void workers_limit_other_libraries() {
    // Workers of before and of after the call: 3 of them, then 7.
    const auto wait_for_all = [](int n_threads) {
        std::atomic<int> inside{0};
        parallel_for(n_threads, n_threads, [&](std::size_t, int worker) {
            check(worker == 0 || my_count == 1, "a worker has limited the other library before its task");
            const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
            for (++inside; inside < n_threads;) {
                check(std::chrono::steady_clock::now() < end, "every worker comes");
                std::this_thread::yield();
            }
        });
    };
    sum_in_parallel(100, 4);
    multilogit::limit_in_workers([](int count) { my_count = count; });
    wait_for_all(4);
    wait_for_all(8);
}

void everything_at_once() {
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller)
        callers.emplace_back([] {
            for (int round = 0; round < 5; ++round) {
                same_bits_for_any_number_of_threads();
                every_index_once_and_scratch_is_private();
                nested_jobs_run_inline();
                the_first_exception_reaches_the_caller();
            }
            an_interruption_stops_the_job();
        });
    for (std::thread& caller : callers) caller.join();
}

// Forks while other threads compute; the children compute too.  Not under ThreadSanitizer and AddressSanitizer: the
// first does not follow the child of a process with threads, the second may leave it with a locked allocator.
void children_compute() {
#if !defined(_WIN32) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
    std::atomic<bool> done{false};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 2; ++caller)
        callers.emplace_back([&done] {
            while (!done) sum_in_parallel(100, 4);
        });
    for (int round = 0; round < 100; ++round) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);  // a child that hangs is killed, which the parent sees
            std::_Exit(sum_in_parallel(1000, 4) == sum_in_order(1000) ? 0 : 2);
        }
        int status = -1;
        check(waitpid(child, &status, 0) == child && status == 0, "a forked child computes the same sum");
    }
    done = true;
    for (std::thread& caller : callers) caller.join();
#endif
}

}  // namespace

int main() {
    same_bits_for_any_number_of_threads();
    few_buffers_are_made();
    every_index_once_and_scratch_is_private();
    nested_jobs_run_inline();
    the_first_exception_reaches_the_caller();
    an_interruption_stops_the_job();
    jobs_start_inside_the_question_for_interruption();
    the_limit_holds();
    workers_limit_other_libraries();
    everything_at_once();
    children_compute();
    std::puts("pool_stress: every check holds");
}
