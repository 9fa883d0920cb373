#include "predict.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "level.hpp"

namespace multilogit {
namespace {

// |x - c| <= tame and |c| <= tame prove |x| <= 1e100, the bound of src/multilogit/estimators/training_data.py.
constexpr double tame_bound = 4e99;
constexpr std::size_t cache = std::size_t(1) << 15;  // numbers of a chunk

std::size_t padded(std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; }

// The first maximum; a NaN wins over everything.
template <typename Real>
std::size_t argmax(const Real* z, std::size_t K) {
    std::size_t best = 0;
    for (std::size_t k = 1; k < K && z[best] == z[best]; ++k)
        if (z[k] > z[best] || z[k] != z[k]) best = k;
    return best;
}

}  // namespace

// What a thread needs for chunks of `rows` rows: centred rows, their scores by column, logits by row.
template <typename Real>
struct Predictor::Bench {
    Bench(std::size_t rows_, std::size_t stride, std::size_t M, std::size_t K)
        : rows(rows_), ld(rows_ + 64 / sizeof(double)), A(rows * stride), Z(M * ld),
          scratch(row_scratch + 3 * K), z(rows * K) {}
    const std::size_t rows, ld;
    Buffer<double> A, Z, scratch;
    Buffer<Real> z;
};

template <typename Real>
Predictor::Predictor(const Real* coef, const double* centre, const double* intercept, std::size_t D, std::size_t M)
    : D_(D), M_(M), stride_(padded(D, 64 / sizeof(double))), Wt_(M * stride_), centre_(D), b_(M),
      tame_centre_(std::all_of(centre, centre + D, [](double c) { return std::fabs(c) <= tame_bound; })) {
    std::fill_n(Wt_.get(), M * stride_, 0.0);
    for (std::size_t j = 0; j < M; ++j) std::copy_n(coef + j * D, D, Wt_.get() + j * stride_);
    std::copy_n(centre, D, centre_.get());
    std::copy_n(intercept, M, b_.get());
}

std::size_t Predictor::numbers(Answer answer) const {
    return answer == Answer::argmax ? 1 : answer == Answer::scores ? M_ : classes();
}

bool Predictor::run(const Data& rows, Answer answer, int n_threads, void* out, bool& tame,
                    Interrupted interrupted) const {
    auto* best = answer == Answer::argmax ? static_cast<std::int64_t*>(out) : nullptr;
    if (rows.single) return run_as<float>(rows, answer, n_threads, static_cast<float*>(out), best, tame, interrupted);
    return run_as<double>(rows, answer, n_threads, static_cast<double*>(out), best, tame, interrupted);
}

template <typename Real>
bool Predictor::run_as(const Data& rows, Answer answer, int n_threads, Real* out, std::int64_t* best, bool& tame,
                       Interrupted interrupted) const {
    std::size_t size = 256;
    while (size > chunk_lanes && size * (stride_ + M_ + classes()) > cache) size /= 2;
    size = std::min(size, padded(rows.N, logits_rows));
    std::vector<std::unique_ptr<Bench<Real>>> benches(static_cast<std::size_t>(n_threads));
    std::atomic<bool> wild{!tame_centre_};
    const auto task = [&](std::size_t index, int thread) {
        std::unique_ptr<Bench<Real>>& bench = benches[static_cast<std::size_t>(thread)];
        if (!bench) bench = std::make_unique<Bench<Real>>(size, stride_, M_, classes());
        const std::size_t start = index * size, n = std::min(size, rows.N - start);
        if (!chunk(rows, start, n, answer, *bench, out, best)) wild = true;
    };
    const bool finished = parallel_for((rows.N + size - 1) / size, n_threads, task, interrupted);
    tame = !wild;
    return finished;
}

template <typename Real>
bool Predictor::chunk(const Data& rows, std::size_t start, std::size_t n, Answer answer, const Bench<Real>& bench,
                      Real* out, std::int64_t* best) const {
    const ChunkKernels<double>& kernels = level().chunk_double;
    const Real* X = static_cast<const Real*>(rows.X) + static_cast<std::ptrdiff_t>(start) * rows.row;
    const std::size_t height = padded(n, logits_rows), K = classes();
    double* A = bench.A.get();
    if constexpr (std::is_same_v<Real, float>)
        kernels.pack_float(X, rows.row, rows.column, n, D_, centre_.get(), A, height, stride_, {});
    else
        kernels.pack_double(X, rows.row, rows.column, n, D_, centre_.get(), A, height, stride_, {});
    kernels.logits(A, height, stride_, Wt_.get(), b_.get(), M_, bench.Z.get(), bench.ld, {});
    bool tame = level().within(A, n * stride_, tame_bound);
    if (answer == Answer::scores) return round(bench, n, M_, out + start * M_) && tame;
    Real* z = bench.z.get();
    tame = round(bench, n, K, z) && tame;
    const RowKernels<Real>& rows_of = row_kernels<Real>();
    if (answer == Answer::softmax) rows_of.softmax(z, n, K, out + start * K, bench.scratch.get());
    if (answer == Answer::log_softmax) rows_of.log_softmax(z, n, K, out + start * K, bench.scratch.get());
    if (answer == Answer::argmax)
        for (std::size_t i = 0; i < n; ++i) best[start + i] = static_cast<std::int64_t>(argmax(z + i * K, K));
    return tame;
}

// Scores by column to rows of `width` numbers, M of them or K with the reference's zero before.
template <typename Real>
bool Predictor::round(const Bench<Real>& bench, std::size_t n, std::size_t width, Real* z) const {
    constexpr double largest = std::numeric_limits<Real>::max();
    const std::size_t first = width - M_;
    bool tame = true;
    for (std::size_t i = 0; i < n && first > 0; ++i) z[i * width] = Real(0);
    for (std::size_t j = 0; j < M_; ++j) {
        const double* score = bench.Z.get() + j * bench.ld;
        const bool absent = std::isinf(b_[j]);  // a class without weight
        for (std::size_t i = 0; i < n; ++i) {
            tame &= absent || std::fabs(score[i]) <= largest;
            z[i * width + first + j] = static_cast<Real>(score[i]);
        }
    }
    return tame;
}

template Predictor::Predictor(const float*, const double*, const double*, std::size_t, std::size_t);
template Predictor::Predictor(const double*, const double*, const double*, std::size_t, std::size_t);

}  // namespace multilogit
