// Predictions of dense rows: scores, softmax, log-softmax, the best class.
//
// A row gets the same bits alone as in any batch, from any number of threads: its scores are dot products of one order,
// which the chunk kernels promise, and no BLAS takes part.

#pragma once

#include <cstddef>

#include "pool.hpp"
#include "worker.hpp"

namespace multilogit {

enum class Answer { scores, softmax, log_softmax, argmax };  // as in src/multilogit/_kernels/prediction.py

// z = (x - c)'W + b in float64, rounded to the type of X before anything else; M = 1 score stands for the logits (0, z).
class Predictor {
  public:
    // coef is (M, D) row-major, of any floating type.
    template <typename Real>
    Predictor(const Real* coef, const double* centre, const double* intercept, std::size_t D, std::size_t M);

    std::size_t features() const { return D_; }
    std::size_t scores() const { return M_; }
    std::size_t classes() const { return M_ == 1 ? 2 : M_; }
    std::size_t numbers(Answer answer) const;  // of one row's answer

    // Fills out, (N, numbers(answer)) of the type of X, or of std::int64_t for argmax.  `tame` tells whether every value
    // of X is known to lie within 1e100 and every score within its type.  Returns false if it was interrupted.
    bool run(const Data& rows, Answer answer, int n_threads, void* out, bool& tame, Interrupted interrupted) const;

  private:
    template <typename Real>
    struct Bench;
    template <typename Real>
    bool run_as(const Data& rows, Answer answer, int n_threads, Real* out, std::int64_t* best, bool& tame,
                Interrupted interrupted) const;
    template <typename Real>
    bool chunk(const Data& rows, std::size_t start, std::size_t n, Answer answer, const Bench<Real>& bench, Real* out,
               std::int64_t* best) const;
    template <typename Real>
    bool round(const Bench<Real>& bench, std::size_t n, std::size_t width, Real* z) const;

    std::size_t D_, M_, stride_;
    Buffer<double> Wt_, centre_, b_;
    bool tame_centre_;
};

}  // namespace multilogit
