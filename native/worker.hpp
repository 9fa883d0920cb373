// What one thread needs to take a chunk of rows from X to residuals: scratch space, and the steps in order.

#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "blas.hpp"
#include "buffer.hpp"
#include "level.hpp"
#include "sweep.hpp"

namespace multilogit {

// How rows are cut, from the shape of the problem alone: the same for any number of threads.
struct Cut {
    std::size_t rows, segment, stride, ld;  // rows of a chunk and of a segment; numbers a row of A, a column of Z
    bool wide;                              // BLAS takes the products: many columns

    template <typename Real>
    static Cut of(const Data& data, std::size_t columns, std::size_t logits) {
        constexpr std::size_t line = 64 / sizeof(Real);
        Cut cut;
        cut.stride = (std::max<std::size_t>(data.D, 1) + line - 1) / line * line;
        cut.wide = columns > widest_tile && have_blas();
        // A chunk shares its half of the second-level cache with its rows of X and those of the next one.
        const std::size_t cache = (std::size_t(1) << (cut.wide ? 20 : 19)) / sizeof(Real);
        const std::size_t most = cut.wide ? 1024 : 64, per_row = cut.wide ? logits / 8 + 1 : cut.stride + 2 * logits;
        cut.rows = most;
        while (cut.rows > chunk_lanes && cut.rows * per_row > cache) cut.rows /= 2;
        cut.segment = cut.wide || data.D * columns > merge_cheap || data.D >= 512 || data.N >= many_rows ? 2048 : 512;
        cut.ld = cut.rows + line;  // no power of two: columns fall into different sets of the cache
        return cut;
    }

    static constexpr std::size_t widest_tile = 128;
    static constexpr std::size_t merge_cheap = 32768;  // numbers of a gradient whose merging costs little
    static constexpr std::size_t many_rows = 32768;    // enough for some threads in segments of any size
};

// Columns of theta (D', M) as rows of `stride` numbers, and the intercepts.
template <typename Real>
struct Weights {
    Buffer<Real> Wt, b;

    Weights(const double* theta, std::size_t D, std::size_t M, bool intercept, std::size_t stride)
        : Wt(M * stride), b(M) {
        std::fill(Wt.get(), Wt.get() + M * stride, Real(0));
        for (std::size_t d = 0; d < D; ++d)
            for (std::size_t j = 0; j < M; ++j) Wt[j * stride + d] = static_cast<Real>(theta[d * M + j]);
        for (std::size_t j = 0; j < M; ++j) b[j] = intercept ? static_cast<Real>(theta[D * M + j]) : Real(0);
    }
};

template <typename Real>
class Worker {
  public:
    Worker(const Data& data, const Stack& stack, const Cut& cut, unsigned want, bool tangents)
        : data_(data), stack_(stack), cut_(cut),
          A(cut.rows * cut.stride),
          Z(stack.R * stack.K * cut.ld),
          P(keeps_probabilities(want, tangents) ? stack.R * stack.K * cut.ld : 1),
          U(tangents ? stack.R * stack.K * cut.ld : multiplies_classes(cut, want) ? stack.K * cut.ld : 1),
          B(want & (want_gram | want_hessian) ? (data.D + 1) * cut.ld : 1),
          labels(cut.ld), Y(data.labels ? 1 : stack.K * cut.ld), mass(cut.ld), weight(cut.ld), weighted(cut.ld),
          s(cut.ld), centre(data.D), lanes(2 * stack.K * chunk_lanes),
          narrow(cut.wide && sizeof(Real) < 8 ? stack.columns() * cut.stride : 1),
          probabilities_(keeps_probabilities(want, tangents)), multiplies_(multiplies_classes(cut, want)) {
        std::copy_n(data.centre, data.D, centre.get());
    }

    // Packs rows [start, start + n) and their targets; `next` is where the rows of the chunk after it begin, N if none.
    void open(std::size_t start, std::size_t n, std::size_t next) {
        start_ = start;
        n_ = n;
        next_ = next;
        pack(data_, start, n, centre.get(), cut_, A.get(), ahead(0, 1));
        data_.labels ? read_labels() : read_masses();
    }

    // Z = A W + b into `out`, a row of zeros above where class 0 is the reference.
    void logits(const Weights<Real>& W, Real* out) {
        const std::size_t M = stack_.columns();
        if (stack_.reference())
            for (std::size_t r = 0; r < stack_.R; ++r) std::fill_n(out + 2 * r * cut_.ld, cut_.rows, Real(0));
        Real* free = first_free(out);
        if (!cut_.wide)
            return chunk_kernels<Real>().logits(A.get(), cut_.rows, cut_.stride, W.Wt.get(), W.b.get(), M, free, step(),
                                                ahead(1, 3));
        for (std::size_t j = 0; j < M; ++j) std::fill_n(free + j * step(), cut_.rows, W.b[j]);
        blas_logits<Real>(A.get(), cut_.rows, cut_.stride, W.Wt.get(), M, free, step());
    }

    // The offset is added to the logits of every problem.
    void add_offset() {
        for (std::size_t r = 0; r < stack_.R && data_.offset; ++r)
            for (std::size_t k = 0; k < stack_.K; ++k)
                for (std::size_t i = 0; i < n_; ++i)
                    Z[(r * stack_.K + k) * cut_.ld + i] +=
                        static_cast<Real>(data_.offset[(start_ + i) * stack_.K + k]);
    }

    // Problem r with its weights, which are zero on the padding.
    Problem<Real> problem(std::size_t r) {
        const double* w = data_.weight + start_ * data_.F + stack_.fold[r];
        const double scale = stack_.scale[r];
        for (std::size_t i = 0; i < n_; ++i) weight[i] = static_cast<Real>(w[i * data_.F] * scale);
        std::fill(weight.get() + n_, weight.get() + cut_.rows, Real(0));
        for (std::size_t i = 0; i < n_ && !data_.labels; ++i)
            weighted[i] = static_cast<Real>(w[i * data_.F] * scale * static_cast<double>(mass[i]));
        std::fill(weighted.get() + n_, weighted.get() + cut_.rows, Real(0));
        const std::size_t first = r * stack_.K * cut_.ld;
        return {cut_.rows, stack_.K, cut_.ld, Z.get() + first, probabilities_ ? P.get() + first : nullptr,
                data_.labels ? labels.get() : nullptr, Y.get(), weight.get(),
                data_.labels ? weight.get() : weighted.get(), stack_.present + r * stack_.K};
    }

    // c_i y_ik in the place of the logits.
    void weighted_targets(const Problem<Real>& problem) {
        for (std::size_t k = 0; k < problem.K; ++k) {
            Real* z = problem.Z + k * problem.ld;
            const Real* y = problem.Y + k * problem.ld;
            for (std::size_t i = 0; i < problem.rows; ++i)
                z[i] = problem.weight[i] *
                       (problem.labels ? (problem.labels[i] == static_cast<Real>(k) ? Real(1) : Real(0)) : y[i]);
        }
    }

    // G (M, stride) += A'R and sums (M,) += 1'R for the free columns of `residuals`.
    void gather(Real* residuals, double* G, double* sums) {
        const std::size_t M = stack_.columns();
        const Real* R = first_free(residuals);
        if constexpr (std::is_same_v<Real, double>) {
            if (cut_.wide) blas_gather<double>(A.get(), cut_.rows, cut_.stride, R, step(), M, G);
        } else if (cut_.wide) {
            std::fill_n(narrow.get(), M * cut_.stride, Real(0));
            blas_gather<Real>(A.get(), cut_.rows, cut_.stride, R, step(), M, narrow.get());
            for (std::size_t j = 0; j < M * cut_.stride; ++j) G[j] += static_cast<double>(narrow[j]);
        }
        if (!cut_.wide) chunk_kernels<Real>().gather(A.get(), cut_.rows, cut_.stride, R, step(), M, G, ahead(3, 5));
        chunk_kernels<Real>().column_sums(R, cut_.rows, step(), M, sums);
    }

    // H (D + 1, stride) += (A, 1)' diag(s) A, below its diagonal.
    void sandwich(double* H) {
        chunk_kernels<Real>().scale_columns(A.get(), cut_.rows, cut_.stride, data_.D, s.get(), B.get(), cut_.ld);
        chunk_kernels<Real>().gather_lower(A.get(), cut_.rows, cut_.stride, B.get(), cut_.ld, data_.D + 1, H, {});
    }

    // diagonal (stride,) += sum_i s_i a_i^2.
    void squares(double* diagonal) {
        chunk_kernels<Real>().column_squares(A.get(), cut_.rows, cut_.stride, s.get(), diagonal);
    }

    bool multiplies_classes() const { return multiplies_; }

    // products (K, K) += sum_i c_i m_i p_ij p_ik.
    void class_products(const Problem<Real>& problem, double* products) {
        for (std::size_t k = 0; k < problem.K; ++k)
            for (std::size_t i = 0; i < problem.rows; ++i)
                U[k * cut_.ld + i] = problem.mass[i] * problem.P[k * cut_.ld + i];
        if constexpr (std::is_same_v<Real, double>)
            blas_products(problem.P, U.get(), problem.rows, problem.K, cut_.ld, products);
    }

    std::size_t square_rows() const { return data_.D + 1; }

    static void pack(const Data& data, std::size_t start, std::size_t n, const Real* centre, const Cut& cut, Real* A,
                     const Ahead& ahead) {
        const auto offset = static_cast<std::ptrdiff_t>(start) * data.row;
        const ChunkKernels<Real>& kernels = chunk_kernels<Real>();
        if (data.single)
            kernels.pack_float(static_cast<const float*>(data.X) + offset, data.row, data.column, n, data.D, centre, A,
                               cut.rows, cut.stride, ahead);
        else
            kernels.pack_double(static_cast<const double*>(data.X) + offset, data.row, data.column, n, data.D,
                                data.centre, A, cut.rows, cut.stride, ahead);
    }

  private:
    static bool multiplies_classes(const Cut& cut, unsigned want) {
        return cut.wide && std::is_same_v<Real, double> && (want & want_class_curvature);
    }
    static bool keeps_probabilities(unsigned want, bool tangents) {
        return tangents || (want & (want_class_curvature | want_gram | want_diagonal | want_hessian));
    }
    // Fifths [first, last) of the next chunk's rows of X, to be asked for while this one is computed with.
    Ahead ahead(std::size_t first, std::size_t last) const {
        const bool by_row = data_.column == 1;
        if (next_ >= data_.N || !(by_row || data_.row == 1) || data_.row < 0 || data_.column < 0) return {};
        const std::size_t size = data_.single ? sizeof(float) : sizeof(double);
        const std::size_t n = std::min(cut_.rows, data_.N - next_);
        const std::size_t row = static_cast<std::size_t>(data_.row) * size;
        const std::size_t column = static_cast<std::size_t>(data_.column) * size;
        const auto* rows = static_cast<const char*>(data_.X) + next_ * row;
        const std::size_t runs = by_row ? n : data_.D, begin = first * runs / 5, count = last * runs / 5 - begin;
        if (by_row) return {rows + begin * row, data_.D * size, row, count};
        return {rows + begin * column, n * size, column, count};
    }

    Real* first_free(Real* columns) const { return columns + stack_.reference() * cut_.ld; }
    std::size_t step() const { return stack_.K / stack_.free * cut_.ld; }

    void read_labels() {
        for (std::size_t i = 0; i < n_; ++i) labels[i] = static_cast<Real>(data_.labels[start_ + i]);
        std::fill(labels.get() + n_, labels.get() + cut_.rows, Real(0));
    }

    void read_masses() {
        for (std::size_t i = 0; i < cut_.rows; ++i) {
            double sum = 0;
            for (std::size_t k = 0; k < stack_.K; ++k) {
                const double y = i < n_ ? data_.Y[(start_ + i) * stack_.K + k] : 0.0;
                Y[k * cut_.ld + i] = static_cast<Real>(y);
                sum += y;
            }
            mass[i] = static_cast<Real>(sum);
        }
    }

    const Data& data_;
    const Stack& stack_;
    const Cut cut_;
    std::size_t start_ = 0, n_ = 0, next_ = 0;

  public:
    Buffer<Real> A, Z, P, U, B, labels, Y, mass, weight, weighted, s, centre, lanes, narrow;

  private:
    const bool probabilities_, multiplies_;
};

}  // namespace multilogit
