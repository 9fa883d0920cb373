// Inner products and sums of long vectors of parameters, the same bits for any number of threads.
//
// Where parameters are more than rows, as in text, a quasi-Newton step is bound by the passes over its vectors: an
// update and the inner product that comes after it share one.

#pragma once

#include <cstddef>

namespace multilogit {

// The inner product of a and b.
double dot(const double* a, const double* b, std::size_t n, int n_threads);

// y += factor x; returns the inner product of the new y with z, which may be y.
double add_and_dot(double factor, const double* x, double* y, const double* z, std::size_t n, int n_threads);

}  // namespace multilogit
