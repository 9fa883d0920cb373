#include "newton.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "blas.hpp"

namespace multilogit {
namespace {

// As in line_search.py: how far the slope may have turned or stayed, and the rounding of a value.
constexpr double turned = 0.8, stayed = 0.9, rounding = 1e-13;
constexpr double far = 1e-6;    // of the tolerance: a step that gains less proves no more than where it starts
constexpr double invisible = 1e-20;  // of the value: as in base.py, a gain that no evaluation shows
constexpr double share = 0.1;   // of the tolerance: what the intercepts may add to the gap is unknown here

class Newton {
  public:
    Newton(const Data& data, const Stack& stack, const Descent& settings, int n_threads, const Outputs& out,
           Interrupted interrupted)
        : data_(data), settings_(settings), out_(out), interrupted_(interrupted),
          evaluation_(data, stack, want_gradient | want_class_sums | want_hessian, n_threads), K_(stack.free),
          rows_(stack.rows(data.D)), size_(K_ * rows_),
          factor_(size_ * size_), scale_(size_), right_(size_) {}

    std::size_t size() const { return size_; }
    double value() const { return *out_.value; }
    double slope(const std::vector<double>& direction) const {
        return std::inner_product(direction.begin(), direction.end(), out_.gradient, 0.0);
    }

    bool evaluate_at(const double* theta) {
        if (!evaluation_.at(theta, out_, interrupted_)) return false;
        for (std::size_t d = 0; d < data_.D; ++d)
            for (std::size_t k = 0; k < K_; ++k) {
                const double w = theta[d * K_ + k], strength = settings_.strength[d];
                *out_.value += 0.5 * strength * w * w;
                out_.gradient[d * K_ + k] += strength * w;
                out_.hessian[(k * rows_ + d) * (size_ + 1)] += strength;
            }
        return true;
    }

    // Whether the duality gap is likely to prove the tolerance here.
    bool within() const {
        double gap = 0;
        for (std::size_t d = 0; d < data_.D; ++d)
            for (std::size_t k = 0; k < K_; ++k)
                gap += 0.5 * out_.gradient[d * K_ + k] * out_.gradient[d * K_ + k] / settings_.strength[d];
        return gap <= share * settings_.tolerance * std::fabs(value());
    }

    // direction = -H^-1 g by the Cholesky factor of S H S with unit diagonal; false where there is none.
    bool solve(std::vector<double>& direction) {
        std::copy_n(out_.hessian, size_ * size_, factor_.data());
        for (std::size_t d = 0; d < rows_ && K_ > 1; ++d) tie(d);
        for (std::size_t i = 0; i < size_; ++i) scale_[i] = 1.0 / std::sqrt(factor_[i * (size_ + 1)]);
        for (std::size_t i = 0; i < size_; ++i)
            for (std::size_t j = 0; j < size_; ++j) factor_[i * size_ + j] *= scale_[i] * scale_[j];
        for (std::size_t k = 0; k < K_; ++k)
            for (std::size_t d = 0; d < rows_; ++d)
                right_[k * rows_ + d] = scale_[k * rows_ + d] * out_.gradient[d * K_ + k];
        if (!blas_solve(factor_.data(), size_, right_.data())) return false;
        for (std::size_t k = 0; k < K_; ++k)
            for (std::size_t d = 0; d < rows_; ++d)
                direction[d * K_ + k] = -scale_[k * rows_ + d] * right_[k * rows_ + d];
        return true;
    }

  private:
    // Along "the same for every class" the loss has no curvature, and the intercepts have no penalty either: some is
    // added, which no gradient sees, because its class rows sum to zero.
    void tie(std::size_t d) {
        double mean = 0;
        for (std::size_t k = 0; k < K_; ++k)
            mean += factor_[(k * rows_ + d) * (size_ + 1)] / static_cast<double>(K_);
        for (std::size_t k = 0; k < K_; ++k)
            for (std::size_t l = 0; l < K_; ++l) factor_[(k * rows_ + d) * size_ + l * rows_ + d] += mean;
    }

    const Data& data_;
    const Descent& settings_;
    const Outputs& out_;
    const Interrupted interrupted_;
    Evaluation<double> evaluation_;
    const std::size_t K_, rows_, size_;
    std::vector<double> factor_, scale_, right_;
};

}  // namespace

bool descend(const Data& data, const Stack& stack, const Descent& settings, int n_threads, double* theta,
             const Outputs& out, Descended& done, Interrupted interrupted) {
    Newton newton(data, stack, settings, n_threads, out, interrupted);
    std::vector<double> direction(newton.size()), trial(newton.size());
    done = {0, 1, true};
    if (!newton.evaluate_at(theta)) return false;
    while (done.steps < settings.most && !newton.within() && newton.solve(direction)) {
        const double value = newton.value(), slope = newton.slope(direction);
        if (!(-0.5 * slope > std::max(far * settings.tolerance, invisible) * std::fabs(value))) break;
        for (std::size_t i = 0; i < trial.size(); ++i) trial[i] = theta[i] + direction[i];
        ++done.sweeps;
        if (!newton.evaluate_at(trial.data())) return false;
        const double there = newton.slope(direction);
        done.current = newton.value() <= value + rounding * std::fabs(value) && there <= -turned * slope &&
                       there >= stayed * slope;
        if (!done.current) break;
        std::copy(trial.begin(), trial.end(), theta);
        ++done.steps;
    }
    return true;
}

}  // namespace multilogit
