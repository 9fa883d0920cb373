// The public rows: softmax, log-softmax and logsumexp of N rows of K logits; rows.cpp has them.

#pragma once

#include <cstddef>

namespace multilogit {
namespace MULTILOGIT_LEVEL {

template <typename Real>
void softmax_rows(const Real* z, std::size_t N, std::size_t K, Real* p, double* scratch);
template <typename Real>
void log_softmax_rows(const Real* z, std::size_t N, std::size_t K, Real* log_p, double* scratch);
template <typename Real>
void logsumexp_rows(const Real* z, std::size_t N, std::size_t K, Real* value, double* scratch);

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
