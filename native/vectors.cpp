#include "vectors.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "pool.hpp"

namespace multilogit {
namespace {

constexpr std::size_t block = 8192;           // numbers of a partial sum
constexpr std::size_t worth_a_thread = 65536;  // numbers: some 30 microseconds
constexpr std::size_t lanes = 2, vectors = 8;  // of sums that are under way at a time

typedef double Vec __attribute__((vector_size(lanes * sizeof(double))));

Vec load(const double* x) {
    Vec v;
    std::memcpy(&v, x, sizeof v);
    return v;
}

void store(double* x, Vec v) { std::memcpy(x, &v, sizeof v); }

// Sums of terms over [first, last): `vector(i)` returns those of the next lanes, `number(i)` that of one index.
template <typename Vector, typename Number>
double sum_of(std::size_t first, std::size_t last, const Vector& vector, const Number& number) {
    Vec sums[vectors] = {};
    std::size_t i = first;
    for (; i + vectors * lanes <= last; i += vectors * lanes)
        for (std::size_t v = 0; v < vectors; ++v) sums[v] += vector(i + v * lanes);
    double sum = 0;
    for (const Vec& each : sums) sum += each[0] + each[1];
    for (; i < last; ++i) sum += number(i);
    return sum;
}

// The same over [0, n) in blocks, which are added in order.
template <typename Vector, typename Number>
double blocked_sum(std::size_t n, int n_threads, const Vector& vector, const Number& number) {
    const std::size_t count = (n + block - 1) / block, most = 1 + n / worth_a_thread;
    std::vector<double> partial(count);
    const auto add = [&](std::size_t index, int) {
        partial[index] = sum_of(index * block, std::min((index + 1) * block, n), vector, number);
    };
    parallel_for(count, static_cast<int>(std::min<std::size_t>(most, static_cast<std::size_t>(n_threads))), add);
    double sum = 0;
    for (const double each : partial) sum += each;
    return sum;
}

}  // namespace

double dot(const double* a, const double* b, std::size_t n, int n_threads) {
    return blocked_sum(
        n, n_threads, [=](std::size_t i) { return load(a + i) * load(b + i); },
        [=](std::size_t i) { return a[i] * b[i]; });
}

double add_and_dot(double factor, const double* x, double* y, const double* z, std::size_t n, int n_threads) {
    return blocked_sum(
        n, n_threads,
        [=](std::size_t i) {
            const Vec moved = load(y + i) + factor * load(x + i);
            store(y + i, moved);
            return moved * load(z + i);
        },
        [=](std::size_t i) {
            y[i] += factor * x[i];
            return y[i] * z[i];
        });
}

}  // namespace multilogit
