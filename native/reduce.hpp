// Sums over the pool, the same bits for any number of threads.
//
// parts[0] + ... + parts[count - 1] is added in pairs, as a binary counter over the index adds: the sum of 2^(l+1)
// parts from a multiple of 2^(l+1) on is the sum of its two halves, each of 2^l parts.  What of `count` fills no such
// pair is added from the right, the smallest sums first.  So the tree depends on count alone; it is that of
// reduce_blocks in src/multilogit/_data/source.py.

#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "pool.hpp"

namespace multilogit {

// Sums that wait for their other half, and buffers that wait for a new part.
template <class Part>
class BinaryCounter {
public:
    using Sum = std::unique_ptr<Part>;

    template <class Make>
    Sum buffer(Make& make) {
        {
            const std::lock_guard<std::mutex> lock(mutex);
            if (!spare.empty()) {
                Sum sum = std::move(spare.back());
                spare.pop_back();
                return sum;
            }
        }
        return Sum(new Part(make()));
    }

    void recycle(Sum sum) {
        const std::lock_guard<std::mutex> lock(mutex);
        spare.push_back(std::move(sum));
    }

    // Returns the other half of the sum of parts [index 2^level, (index + 1) 2^level).  Where that half is not there
    // yet, keeps `sum` for it and returns null.
    Sum other_half(unsigned level, std::size_t index, Sum& sum) {
        const std::lock_guard<std::mutex> lock(mutex);
        for (Waiting& each : waiting) {
            if (each.level != level || each.index != (index ^ 1)) continue;
            Sum other = std::move(each.sum);
            each = std::move(waiting.back());
            waiting.pop_back();
            return other;
        }
        waiting.push_back({level, index, std::move(sum)});
        return nullptr;
    }

    // Adds up the sums that have no other half; at least one part has been added, and no thread adds any more.
    template <class Merge>
    Sum total(Merge& merge) {
        std::sort(waiting.begin(), waiting.end(), [](auto& a, auto& b) { return a.level > b.level; });
        for (; waiting.size() > 1; waiting.pop_back()) merge(*waiting[waiting.size() - 2].sum, *waiting.back().sum);
        return std::move(waiting.front().sum);
    }

private:
    struct Waiting {
        unsigned level;
        std::size_t index;
        Sum sum;
    };

    std::mutex mutex;
    std::vector<Waiting> waiting;
    std::vector<Sum> spare;
};

// Moves the sum of `count` parts into `total`, which stays as it is where there are none.  Returns false, total
// untouched, if the job was interrupted; passes on what make, produce or merge throws.
//
//   make() -> Part                  returns a part of any contents; may run on several threads at once
//   produce(index, worker, part)    overwrites `part`, which may hold anything, with part number `index`
//   merge(left, right)              adds `right` into `left`, with the parts of lower indices on the left
//
// Sums meet as soon as both are there, by whichever thread finished the second one, and buffers are used again: about
// n_threads + log2(count) of them are alive while the threads advance together, at most n_threads (1 + log2(count)).
template <class Part, class Make, class Produce, class Merge>
bool reduce(std::size_t count, int n_threads, Make make, Produce produce, Merge merge, Part& total,
            Interrupted interrupted = nullptr) {
    BinaryCounter<Part> counter;
    const auto add = [&](std::size_t index, int worker) {
        auto sum = counter.buffer(make);
        produce(index, worker, *sum);
        for (unsigned level = 0; auto other = counter.other_half(level, index, sum); ++level, index /= 2) {
            if (index % 2 == 1) sum.swap(other);
            merge(*sum, *other);
            counter.recycle(std::move(other));
        }
    };
    if (!parallel_for(count, n_threads, std::ref(add), interrupted)) return false;
    if (count > 0) total = std::move(*counter.total(merge));
    return true;
}

}  // namespace multilogit
