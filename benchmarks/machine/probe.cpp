// What this machine can do at most: bytes read per second, and multiply-adds per second.
//
//     probe TYPE THREADS BYTES      TYPE is float32 or float64; prints bytes/s and flop/s
//
// The read sums a buffer of BYTES, each thread a part of its own, with sixteen independent partial sums, so that neither the
// latency of an addition nor the arithmetic limits it. The peak runs twelve independent chains of z = z * a + b in
// registers, enough to fill two multiply-add units of latency four. Both are the best of several runs.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRuns = 7;
constexpr int kChains = 12;
constexpr int kSums = 16;
constexpr std::size_t kSteps = 40'000'000 / kChains;

template <class T>
struct Vector;
template <>
struct Vector<float> {
    typedef float type __attribute__((vector_size(PROBE_VECTOR_BYTES)));
};
template <>
struct Vector<double> {
    typedef double type __attribute__((vector_size(PROBE_VECTOR_BYTES)));
};

// Keeps the compiler from leaving out what nobody reads.
volatile double sink;

template <class T>
double total(typename Vector<T>::type v) {
    double sum = 0;
    for (std::size_t i = 0; i < sizeof(v) / sizeof(T); ++i) sum += v[i];
    return sum;
}

template <class T>
void read_all(const T* data, std::size_t count) {
    using V = typename Vector<T>::type;
    const V* vectors = reinterpret_cast<const V*>(data);
    const std::size_t n = count * sizeof(T) / sizeof(V);
    V sums[kSums] = {};
    for (std::size_t i = 0; i + kSums <= n; i += kSums)
        for (int j = 0; j < kSums; ++j) sums[j] += vectors[i + j];
    for (int j = 1; j < kSums; ++j) sums[0] += sums[j];
    sink = total<T>(sums[0]);
}

template <class T>
void multiply_add() {
    using V = typename Vector<T>::type;
    V z[kChains];
    const V a = V{} + T(0.999), b = V{} + T(0.001);
    for (int j = 0; j < kChains; ++j) z[j] = V{} + T(j);
    for (std::size_t step = 0; step < kSteps; ++step)
        for (int j = 0; j < kChains; ++j) z[j] = z[j] * a + b;
    for (int j = 1; j < kChains; ++j) z[0] += z[j];
    sink = total<T>(z[0]);
}

// Returns the shortest of several runs of work(thread) on that many threads, in seconds.
template <class Work>
double best_seconds(int threads, Work work) {
    double best = 1e30;
    for (int run = 0; run < kRuns; ++run) {
        const auto start = Clock::now();
        std::vector<std::thread> team;
        for (int t = 1; t < threads; ++t) team.emplace_back(work, t);
        work(0);
        for (auto& each : team) each.join();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return best;
}

template <class T>
void probe(int threads, std::size_t bytes) {
    const std::size_t block = kSums * PROBE_VECTOR_BYTES;
    const std::size_t share = std::max<std::size_t>(bytes / threads / block, 1) * block;
    T* data = static_cast<T*>(std::aligned_alloc(PROBE_VECTOR_BYTES, share * threads));
    if (data == nullptr) std::exit(1);
    std::memset(data, 0, share * threads);
    const double reading = best_seconds(threads, [&](int t) {
        read_all(data + t * (share / sizeof(T)), share / sizeof(T));
    });
    std::free(data);
    const double adding = best_seconds(threads, [](int) { multiply_add<T>(); });
    const double flops = 2.0 * kChains * kSteps * (PROBE_VECTOR_BYTES / sizeof(T)) * threads;
    std::printf("%.6e %.6e\n", share * threads / reading, flops / adding);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string type = argv[1];
    const int threads = std::atoi(argv[2]);
    const std::size_t bytes = std::strtoull(argv[3], nullptr, 10);
    if (type == "float32") probe<float>(threads, bytes);
    else probe<double>(threads, bytes);
    return 0;
}
