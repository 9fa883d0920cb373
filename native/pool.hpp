#pragma once
#include <cstddef>
#include <functional>
namespace multilogit {
using Interrupted = bool (*)();
inline bool parallel_for(std::size_t count, int, const std::function<void(std::size_t, int)>& task, Interrupted = nullptr) {
    for (std::size_t i = 0; i < count; ++i) task(i, 0);
    return true;
}
}
