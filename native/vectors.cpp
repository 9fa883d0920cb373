#include "vectors.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "pool.hpp"

namespace multilogit {
namespace {

constexpr std::size_t block = 8192;           // numbers of a partial sum
constexpr std::size_t page = 1024;            // numbers that stay in the nearest cache while others are added
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

std::size_t blocks(std::size_t n) { return (n + block - 1) / block; }

// Calls task(index, first, last) for every block of [0, n), of which each number costs `passes` loads.
template <typename Task>
void over_blocks(std::size_t n, std::size_t passes, int n_threads, const Task& task) {
    const std::size_t most = std::min<std::size_t>(1 + n * passes / worth_a_thread, static_cast<std::size_t>(n_threads));
    const auto each = [&](std::size_t index, int) { task(index, index * block, std::min((index + 1) * block, n)); };
    parallel_for(blocks(n), static_cast<int>(most), each);
}

// The sum over [0, n) in blocks, which are added in order.
template <typename Vector, typename Number>
double blocked_sum(std::size_t n, int n_threads, const Vector& vector, const Number& number) {
    std::vector<double> partial(blocks(n));
    over_blocks(n, 1, n_threads, [&](std::size_t index, std::size_t first, std::size_t last) {
        partial[index] = sum_of(first, last, vector, number);
    });
    double sum = 0;
    for (const double each : partial) sum += each;
    return sum;
}

double dot_of(const double* a, const double* b, std::size_t first, std::size_t last) {
    return sum_of(
        first, last, [=](std::size_t i) { return load(a + i) * load(b + i); },
        [=](std::size_t i) { return a[i] * b[i]; });
}

}  // namespace

double dot(const double* a, const double* b, std::size_t n, int n_threads) {
    double product = 0;
    inner_products({a}, {b}, n, n_threads, &product);
    return product;
}

double weighted_square(const double* weight, const double* x, std::size_t n, int n_threads) {
    return blocked_sum(
        n, n_threads, [=](std::size_t i) { return load(weight + i) * load(x + i) * load(x + i); },
        [=](std::size_t i) { return weight[i] * x[i] * x[i]; });
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

void inner_products(const std::vector<const double*>& A, const std::vector<const double*>& B, std::size_t n,
                    int n_threads, double* out) {
    const std::size_t count = A.size() * B.size();
    std::vector<double> partial(blocks(n) * count);
    over_blocks(n, A.size() + B.size(), n_threads, [&](std::size_t index, std::size_t first, std::size_t last) {
        for (std::size_t i = 0; i < A.size(); ++i)
            for (std::size_t j = 0; j < B.size(); ++j)
                partial[index * count + i * B.size() + j] = dot_of(A[i], B[j], first, last);
    });
    std::fill_n(out, count, 0.0);
    for (std::size_t i = 0; i < partial.size(); ++i) out[i % count] += partial[i];
}

void combine(const std::vector<double>& factors, const std::vector<const double*>& rows, std::size_t n, int n_threads,
             double* out) {
    const auto piece = [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) out[i] = factors[0] * rows[0][i];
        for (std::size_t j = 1; j < rows.size(); ++j)
            for (std::size_t i = first; i < last; ++i) out[i] += factors[j] * rows[j][i];
    };
    over_blocks(n, rows.size() + 1, n_threads, [&](std::size_t, std::size_t first, std::size_t last) {
        for (; first < last; first += page) piece(first, std::min(first + page, last));
    });
}

}  // namespace multilogit
