// Stacked problems over N rows: targets, weights and offsets, checked and kept alive; where the features are is left to
// Dense and Sparse.

#pragma once

#include "bindings.hpp"
#include "sweep.hpp"

namespace multilogit {

// The arguments after X and its centre, which Dense and Sparse share.
struct Targets {
    In<std::int64_t, 1> labels;
    In<double, 2> masses, offset, weight;
    In<std::int32_t, 1> fold;
    In<double, 1> scale;
    In<bool, 2> present;
};

class Stacked {
  public:
    Stacked(std::size_t N, std::size_t D, Targets targets, bool intercept);
    virtual ~Stacked() = default;

    // With `single` the products of dense rows are taken in float32.
    void evaluate(In<double, 3> theta, unsigned want, bool single, int n_threads, Numbers value, Numbers gradient,
                  Numbers probability, Numbers log_probability, Numbers curvature, Numbers margin, Numbers gram,
                  Numbers diagonal, Numbers hessian) const;
    void product(In<double, 3> theta, In<double, 3> V, bool single, int n_threads, Numbers out) const;

  protected:
    virtual bool run(const double* theta, unsigned want, bool single, int n_threads, const Outputs& out) const = 0;
    virtual bool run(const double* theta, const double* V, bool single, int n_threads, double* out) const = 0;

    Data data_;  // X, its strides and its centre are for Dense to fill in
    Stack stack_;

  private:
    void check(const In<double, 3>& theta) const;

    const std::size_t D_;
    Targets targets_;
};

}  // namespace multilogit
