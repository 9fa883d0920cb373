// Exact Newton's full steps on one penalised problem, all in one call: on small problems a sweep takes less time than
// Python takes to ask for it.

#pragma once

#include <cstddef>

#include "sweep.hpp"

namespace multilogit {

struct Descent {
    double tolerance;        // of the value: the gap that is to be proved
    std::size_t most;        // steps
    const double* strength;  // (D,) of the L2 penalty 1/2 sum_d strength_d |W_d|^2
};

struct Descended {
    std::size_t steps, sweeps;
    bool current;  // whether the sums are those at theta: not so where the last step was taken back
};

// Moves theta (D', 1, K'), whose class rows sum to zero, by full Newton steps as long as each satisfies the conditions
// of line_search.py and something is left to gain; needs `have_blas()`.  `out` has the value, gradient, class sums and
// Hessian there, penalty included.  False if it was interrupted.
bool descend(const Data& data, const Stack& stack, const Descent& settings, int n_threads, double* theta,
             const Outputs& out, Descended& done, Interrupted interrupted);

}  // namespace multilogit
