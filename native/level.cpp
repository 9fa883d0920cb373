// Chooses the level: the highest that this machine runs, until `select_level` says otherwise.

#include "level.hpp"

#include <stdexcept>
#include <string>

namespace multilogit {

namespace plain { extern const Level table; }
#if defined(__x86_64__)
namespace v2 { extern const Level table; }
namespace v3 { extern const Level table; }
namespace v4 { extern const Level table; }
#endif

std::vector<const Level*> levels() {
    std::vector<const Level*> found{&plain::table};
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt")) found.push_back(&v2::table);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        found.push_back(&v3::table);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        found.push_back(&v4::table);
#endif
    return found;
}

namespace {
const Level* chosen = levels().back();
}

const Level& level() { return *chosen; }

void select_level(const std::string& name) {
    for (const Level* each : levels()) {
        if (name == each->name) {
            chosen = each;
            return;
        }
    }
    throw std::invalid_argument("this machine or this build has no level " + name);
}

}  // namespace multilogit
