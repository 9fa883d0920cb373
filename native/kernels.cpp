// The kernels of one level: this file is compiled once per level and fills that level's table.

#include "level.hpp"

#include "chunk.hpp"
#include "elementary.hpp"
#include "residual.hpp"
#include "rows.hpp"
#include "within.hpp"

#define MULTILOGIT_NAME_(level) #level
#define MULTILOGIT_NAME(level) MULTILOGIT_NAME_(level)

namespace multilogit {
namespace MULTILOGIT_LEVEL {

namespace {

template <typename Real>
constexpr ChunkKernels<Real> chunk_kernels() {
    return {pack<float, Real>,  pack<double, Real>,   logits<Real>,         gather<Real>,
            gather_lower<Real>, column_sums<Real>,    column_squares<Real>, margin<Real>,
            residual<Real>,     tangent<Real>,        mean_curvature<Real>, own_curvature<Real>,
            pair_curvature<Real>, scale_columns<Real>};
}

template <typename Real>
constexpr RowKernels<Real> row_kernels() {
    return {softmax_rows<Real>,   log_softmax_rows<Real>, logsumexp_rows<Real>,
            map<Real, exp<Real>>, map<Real, log<Real>>,   map<Real, log1p<Real>>};
}

}  // namespace

extern const ExactKernels exact_kernels;
extern const SparseKernels sparse_kernels;
extern const NetworkTables network_tables;

extern const Level table;
const Level table{MULTILOGIT_NAME(MULTILOGIT_LEVEL), chunk_kernels<float>(), chunk_kernels<double>(), row_kernels<float>(),
                  row_kernels<double>(), &exact_kernels, &sparse_kernels, &network_tables, within};

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
