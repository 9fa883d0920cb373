// Inner products and sums of long vectors of parameters, the same bits for any number of threads.
//
// Where parameters are more than rows, as in text, a quasi-Newton step is bound by the passes over its vectors: what
// is taken of the same vectors shares one.

#pragma once

#include <cstddef>
#include <vector>

namespace multilogit {

// The inner product of a and b.
double dot(const double* a, const double* b, std::size_t n, int n_threads);

// The sum of weight[i] x[i]^2.
double weighted_square(const double* weight, const double* x, std::size_t n, int n_threads);

// y += factor x; returns the inner product of the new y with z, which may be y.
double add_and_dot(double factor, const double* x, double* y, const double* z, std::size_t n, int n_threads);

// out[i * B.size() + j] = the inner product of A[i] and B[j].
void inner_products(const std::vector<const double*>& A, const std::vector<const double*>& B, std::size_t n,
                    int n_threads, double* out);

// out = sum_j factors[j] rows[j]; the first of the rows may be out itself.
void combine(const std::vector<double>& factors, const std::vector<const double*>& rows, std::size_t n, int n_threads,
             double* out);

}  // namespace multilogit
