#include <algorithm>
#include <stdexcept>
#include <string>

#include "level.hpp"
#include "sparse_sweep.hpp"

namespace multilogit {

std::vector<std::size_t> SparseRows::ranges(std::size_t count) const {
    std::vector<std::size_t> bounds(count + 1, columns());
    bounds[0] = 0;
    for (std::size_t q = 1; q < count; ++q) {
        const auto next = std::lower_bound(before_.begin(), before_.end() - 1, nonzeros() / count * q);
        bounds[q] = std::max(bounds[q - 1], static_cast<std::size_t>(next - before_.begin()));
    }
    return bounds;
}

void SparseRows::split_centre(const double* centre) {
    for (std::size_t d = 0; d < columns(); ++d) {
        if (centre[d] == 0) continue;
        std::vector<double>& part = before_[d + 1] - before_[d] == N_ ? shift_ : rest_;
        part.resize(columns());
        part[d] = centre[d];
    }
}

namespace {

template <typename Value, typename Index>
const CsrKernels<Value, Index>& kernels();
template <>
const CsrKernels<float, std::int32_t>& kernels() {
    return level().sparse->float_int;
}
template <>
const CsrKernels<float, std::int64_t>& kernels() {
    return level().sparse->float_long;
}
template <>
const CsrKernels<double, std::int32_t>& kernels() {
    return level().sparse->double_int;
}
template <>
const CsrKernels<double, std::int64_t>& kernels() {
    return level().sparse->double_long;
}

template <typename Value, typename Index>
class CsrRows final : public SparseRows {
  public:
    CsrRows(const Index* start, const Index* column, const Value* value, std::size_t nonzeros, std::size_t N,
            std::size_t D, const double* centre)
        : SparseRows(N) {
        check_starts(start, nonzeros);
        count_columns(start, column, D);
        split_centre(centre);
        X_ = {start, column, value, shift_.empty() ? nullptr : shift_.data(), rest()};
    }

    void multiply(std::size_t begin, std::size_t end, const double* W, std::size_t width, const double* b, double* Z,
                  std::size_t step) const override {
        kernels<Value, Index>().multiply(X_, begin, end, W, width, b, Z, step);
    }

    void gather(std::size_t begin, std::size_t end, std::size_t low, std::size_t high, const double* R,
                std::size_t step, double* G, std::size_t width, bool squares) const override {
        const auto& table = kernels<Value, Index>();
        (squares ? table.gather_squares : table.gather)(X_, begin, end, low, high, R, step, G, width);
    }

  private:
    void check_starts(const Index* start, std::size_t nonzeros) const {
        bool increasing = start[0] == 0;
        for (std::size_t i = 0; i < N_; ++i) increasing = increasing && start[i] <= start[i + 1];
        if (!increasing || static_cast<std::size_t>(start[N_]) != nonzeros)
            throw std::invalid_argument("indptr must increase from 0 to the number of stored values");
    }

    void count_columns(const Index* start, const Index* column, std::size_t D) {
        before_.assign(D + 1, 0);
        for (std::size_t i = 0; i < N_; ++i) {
            Index previous = -1;
            for (Index p = start[i]; p < start[i + 1]; ++p) {
                const Index d = column[p];
                if (d <= previous || static_cast<std::size_t>(d) >= D)
                    throw std::invalid_argument("column indices must increase within a row and lie in [0, " +
                                                std::to_string(D) + "). Row " + std::to_string(i) + " has " +
                                                std::to_string(d) + " after " + std::to_string(previous));
                ++before_[static_cast<std::size_t>(d) + 1];
                previous = d;
            }
        }
        for (std::size_t d = 0; d < D; ++d) before_[d + 1] += before_[d];
    }

    Csr<Value, Index> X_;
};

}  // namespace

template <typename Value, typename Index>
std::unique_ptr<SparseRows> open_rows(const Index* start, const Index* column, const Value* value, std::size_t nonzeros,
                                      std::size_t N, std::size_t D, const double* centre) {
    return std::make_unique<CsrRows<Value, Index>>(start, column, value, nonzeros, N, D, centre);
}

template std::unique_ptr<SparseRows> open_rows(const std::int32_t*, const std::int32_t*, const float*, std::size_t,
                                               std::size_t, std::size_t, const double*);
template std::unique_ptr<SparseRows> open_rows(const std::int64_t*, const std::int64_t*, const float*, std::size_t,
                                               std::size_t, std::size_t, const double*);
template std::unique_ptr<SparseRows> open_rows(const std::int32_t*, const std::int32_t*, const double*, std::size_t,
                                               std::size_t, std::size_t, const double*);
template std::unique_ptr<SparseRows> open_rows(const std::int64_t*, const std::int64_t*, const double*, std::size_t,
                                               std::size_t, std::size_t, const double*);

}  // namespace multilogit
