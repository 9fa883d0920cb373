// Rows that are needed next, asked for while the rows at hand are computed with.
//
// A kernel that works on cached rows leaves the memory idle, and the copy of the next rows then waits for it.  One
// line asked for every few steps of an inner loop keeps memory and arithmetic busy at the same time.
#pragma once

#include "level.hpp"
#include "simd.hpp"

namespace multilogit {
namespace MULTILOGIT_LEVEL {

struct Requests {
    const char* at;
    const char* end;             // of the run
    std::size_t stride, period;  // bytes between two requests, steps between them (a power of two)
    std::size_t bytes, gap;      // of a run; from its end to the next

    // At step i of an inner loop.
    MULTILOGIT_INLINE void step(std::size_t i) {
        if ((i & (period - 1)) != 0) return;
        __builtin_prefetch(at, 0, 2);
        at += stride;
        if (at < end) return;
        at = end + gap;
        end = at + bytes;
    }
};

// Requests spread evenly over so many steps: every line at least once, and at most one request a step; where nothing
// is ahead they fall on `idle`, which is at hand.
MULTILOGIT_INLINE Requests spread(const Ahead& ahead, std::size_t steps, const void* idle) {
    constexpr std::size_t line = 64;
    const auto* here = static_cast<const char*>(idle);
    const std::size_t total = ahead.bytes * ahead.runs;
    if (total == 0 || steps == 0) return {here, here + 1, 0, std::size_t(1) << 31, 0, 0};
    std::size_t period = 1;
    while (2 * period * total <= steps * line) period *= 2;
    const std::size_t stride = (period * total + steps - 1) / steps;
    return {ahead.from, ahead.from + ahead.bytes, stride < line ? stride : line, period,
            ahead.bytes, ahead.pitch - ahead.bytes};
}

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
