// The kernels of one level: this file is compiled once per level and fills that level's table.

#include "level.hpp"

#include "chunk.hpp"
#include "elementary.hpp"
#include "residual.hpp"

#define MULTILOGIT_NAME_(level) #level
#define MULTILOGIT_NAME(level) MULTILOGIT_NAME_(level)

namespace multilogit {
namespace MULTILOGIT_LEVEL {

namespace {

template <typename Real>
constexpr ChunkKernels<Real> chunk_kernels() {
    return {pack<float, Real>,  pack<double, Real>,   logits<Real>,
            gather<Real>,       gather_lower<Real>,   margin<Real>,
            residual<Real>,     tangent<Real>,        mean_curvature<Real>,
            pair_curvature<Real>, scale_columns<Real>};
}

}  // namespace

extern const Level table;
const Level table{MULTILOGIT_NAME(MULTILOGIT_LEVEL), chunk_kernels<float>(), chunk_kernels<double>(), {}, {}};

}  // namespace MULTILOGIT_LEVEL
}  // namespace multilogit
