// The sweeps of sweep.hpp over the rows of a CSR matrix, never densified; all arithmetic in float64.
//
// Logits, residuals and the sums over classes are those of dense rows without a column; the products are apart.  Where
// the gradient is small, each segment of rows sums its own, and these are merged as all sums are.  Where it is large, a
// block of rows keeps its residuals, and threads that own ranges of columns gather the gradient from them, so that it
// is summed over the rows in order whatever the number of threads.  docs/decisions/sparse.md has the measurements.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "shelf.hpp"
#include "sweep.hpp"

namespace multilogit {

// What a sweep over CSR rows needs besides its data: padded parameters, residuals of a block of rows, gathered sums.
struct SparseScratch {
    Growing weights, block, gradient, squares;
};

// A CSR matrix X (N, D) whose rows are read as x - centre, over arrays that someone else keeps alive.
class SparseRows {
  public:
    virtual ~SparseRows() = default;

    std::size_t rows() const { return N_; }
    std::size_t columns() const { return before_.size() - 1; }
    std::size_t nonzeros() const { return before_.back(); }

    // What is left of the centre to subtract from every row; null where nothing is.
    const double* rest() const { return rest_.empty() ? nullptr : rest_.data(); }

    // Boundaries of `count` ranges of columns with about as many nonzeros each.
    std::vector<std::size_t> ranges(std::size_t count) const;

    Shelf<SparseScratch>& scratch() const { return scratch_; }

    // The kernels of CsrKernels.
    virtual void multiply(std::size_t begin, std::size_t end, const double* W, std::size_t width, const double* b,
                          double* Z, std::size_t step) const = 0;
    virtual void gather(std::size_t begin, std::size_t end, std::size_t low, std::size_t high, const double* R,
                        std::size_t step, double* G, std::size_t width, bool squares) const = 0;

  protected:
    explicit SparseRows(std::size_t N) : N_(N) {}

    // A column without a missing entry may lie far from zero: its centre is subtracted from each stored value, without
    // loss.  Any other column spreads as far as its zeros are away, and its products are corrected afterwards.
    void split_centre(const double* centre);

    const std::size_t N_;
    std::vector<std::size_t> before_;  // (D + 1,) nonzeros in the columns before each
    std::vector<double> shift_, rest_;
    mutable Shelf<SparseScratch> scratch_;
};

// Throws std::invalid_argument unless the columns of every row increase and lie in [0, D).
template <typename Value, typename Index>
std::unique_ptr<SparseRows> open_rows(const Index* start, const Index* column, const Value* value, std::size_t nonzeros,
                                      std::size_t N, std::size_t D, const double* centre);

// As for dense rows, `targets` being rows without a column; Gram matrix and Hessian are not to be wanted.  Both return
// false if they were interrupted.
bool evaluate(const SparseRows& X, const Data& targets, const Stack& stack, const double* theta, unsigned want,
              int n_threads, const Outputs& out, Interrupted interrupted);
bool product(const SparseRows& X, const Data& targets, const Stack& stack, const double* theta, const double* V,
             int n_threads, double* out, Interrupted interrupted);

}  // namespace multilogit
