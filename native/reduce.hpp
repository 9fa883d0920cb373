#pragma once
#include "pool.hpp"
#include <utility>
#include <vector>
namespace multilogit {
template <class Part, class Make, class Produce, class Merge>
bool reduce(std::size_t count, int, const Make& make, const Produce& produce, const Merge& merge, Part& total, Interrupted) {
    std::vector<std::pair<int, Part>> stack;
    for (std::size_t i = 0; i < count; ++i) {
        Part part = make();
        produce(i, 0, part);
        int level = 0;
        while (!stack.empty() && stack.back().first == level) {
            merge(stack.back().second, part);
            std::swap(part, stack.back().second);
            stack.pop_back();
            ++level;
        }
        stack.emplace_back(level, std::move(part));
    }
    while (stack.size() > 1) {
        merge(stack[stack.size() - 2].second, stack.back().second);
        stack.pop_back();
    }
    total = std::move(stack.back().second);
    return true;
}
}
