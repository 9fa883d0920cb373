// One pass over dense rows: the value of stacked softmax regressions and the derivatives that are wanted.
//
// Rows are cut into segments of a fixed size, whatever the number of threads; each segment is summed chunk by chunk by
// one thread, and the sums of the segments are merged in a binary counter over their index.  A chunk is packed once
// (centred, padded) and stays in cache for both products; no array of N x K exists.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "blas.hpp"
#include "pool.hpp"

namespace multilogit {

// Where the rows are.  Targets are labels (N,) or masses (N, K); weight is (N, F); offset (N, K) or null.
struct Data {
    const void* X;
    bool single;  // float32 storage
    std::ptrdiff_t row, column;
    std::size_t N, D, K, F;
    const double* centre;
    const std::int64_t* labels;
    const double* Y;
    const double* offset;
    const double* weight;
};

// R problems over the same rows: problem r weighs row i by scale[r] weight[i, fold[r]]; present is (R, K).
struct Stack {
    std::size_t R, K, free;  // free = K', 1 for two classes, whose logits are (0, z)
    bool intercept;
    const std::int32_t* fold;
    const double* scale;
    const std::uint8_t* present;

    std::size_t columns() const { return R * free; }
    std::size_t reference() const { return K - free; }
    std::size_t rows(std::size_t D) const { return D + (intercept ? 1 : 0); }  // D', of theta
};

enum Want : unsigned {  // as in src/multilogit/_objective/sums.py
    want_gradient = 1,
    want_class_sums = 2,
    want_class_curvature = 4,
    want_margin = 8,
    want_gram = 16,
    want_diagonal = 32,
    want_hessian = 64,
};

// Where the sums go, in the layouts of sums.py; null where not wanted.
struct Outputs {
    double* value;            // (R,)
    double* gradient;         // (D', R, K')
    double* probability;      // (R, K)
    double* log_probability;  // (R, K)
    double* curvature;        // (R, K, K)
    double* margin;           // (R,)
    double* gram;             // (R, D', D')
    double* diagonal;         // (D', M)
    double* hessian;          // (R, K', D', K', D')
};

// Evaluations of the same sums at several points, one after the other: threads keep what they need for the next.
template <typename Real>
class Evaluation {
  public:
    Evaluation(const Data& data, const Stack& stack, unsigned want, int n_threads);
    ~Evaluation();
    bool at(const double* theta, const Outputs& out, Interrupted interrupted);  // false if it was interrupted

  private:
    struct Scratch;
    const Data& data_;
    const Stack& stack_;
    const unsigned want_;
    const int n_threads_;
    std::unique_ptr<Scratch> scratch_;
};

// Both return false if they were interrupted.  theta and V are (D', R, K'), the intercept's row last.
template <typename Real>
bool evaluate(const Data& data, const Stack& stack, const double* theta, unsigned want, int n_threads,
              const Outputs& out, Interrupted interrupted);

// out (D', R, K') = Hessian times V, penalty left out.
template <typename Real>
bool product(const Data& data, const Stack& stack, const double* theta, const double* V, int n_threads, double* out,
             Interrupted interrupted);

// cross (D, R, K) = sum of c_i x_i y_i' and targets (R, K) = sum of c_i y_i, which no parameter changes.
bool moments(const Data& data, const Stack& stack, int n_threads, double* cross, double* targets,
             Interrupted interrupted);

}  // namespace multilogit
