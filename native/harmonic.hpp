// The harmonic number H_n = 1 + 1/2 + ... + 1/n by the pool: what the tests of threads compute.

#pragma once

#include <chrono>
#include <cstddef>
#include <stdexcept>

#include "reduce.hpp"

namespace multilogit {

// Sets `sum` to H_count, added as reduce() adds; false if it was interrupted.  Each term is computed, half by half, in
// a job of its own inside the task, and takes at least `time`.  The term of index `failing` throws.
inline bool harmonic(std::size_t count, int n_threads, std::chrono::microseconds time, std::size_t failing, double& sum,
                     Interrupted interrupted) {
    return reduce(
        count, n_threads, [] { return 0.0; },
        [&](std::size_t index, int, double& term) {
            const auto end = std::chrono::steady_clock::now() + time;
            double halves[2];
            parallel_for(2, n_threads, [&](std::size_t half, int) { halves[half] = 0.5 / static_cast<double>(index + 1); });
            term = halves[0] + halves[1];
            while (std::chrono::steady_clock::now() < end) continue;
            if (index == failing) throw std::runtime_error("This term was asked to fail.");
        },
        [](double& left, double right) { left += right; }, sum, interrupted);
}

}  // namespace multilogit
