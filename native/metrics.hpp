// Metrics of one row: what is averaged over the rows of an epoch, beside the loss.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace multilogit {

enum class Metric : int { binary_accuracy, categorical_accuracy, sparse_categorical_accuracy, mean_squared_error,
                          mean_absolute_error, binary_crossentropy, categorical_crossentropy };

template <typename Real>
std::size_t top_of(const Real* x, std::size_t K) {
    return static_cast<std::size_t>(std::max_element(x, x + K) - x);
}

// Of outputs p (K,) and targets y (K,), or the label where y is null.
template <typename Real>
struct Row {
    const Real *p, *y;
    Real label;
    std::size_t K;

    double target(std::size_t k) const { return y ? static_cast<double>(y[k]) : label == Real(k) ? 1.0 : 0.0; }
    std::size_t top() const { return top_of(p, K); }

    template <typename Function>
    double mean(Function function) const {
        double sum = 0;
        for (std::size_t k = 0; k < K; ++k) sum += function(static_cast<double>(p[k]), target(k));
        return sum / static_cast<double>(K);
    }
};

inline double times_log(double y, double p) { return y == 0 ? 0 : y * std::log(p); }

template <typename Real>
double metric_of(Metric metric, const Row<Real>& row) {
    switch (metric) {
        case Metric::binary_accuracy:
            return row.mean([](double p, double y) { return (p > 0.5) == (y == 1) && (y == 0 || y == 1) ? 1.0 : 0.0; });
        case Metric::categorical_accuracy:
        case Metric::sparse_categorical_accuracy:
            return row.top() == (row.y ? top_of(row.y, row.K) : static_cast<std::size_t>(row.label)) ? 1.0 : 0.0;
        case Metric::mean_squared_error: return row.mean([](double p, double y) { return (p - y) * (p - y); });
        case Metric::mean_absolute_error: return row.mean([](double p, double y) { return std::fabs(p - y); });
        case Metric::binary_crossentropy:
            return -row.mean([](double p, double y) { return times_log(y, p) + times_log(1 - y, 1 - p); });
        default: {
            double total = 0, sum = 0;
            for (std::size_t k = 0; k < row.K; ++k) total += static_cast<double>(row.p[k]);
            for (std::size_t k = 0; k < row.K; ++k) sum -= times_log(row.target(k), static_cast<double>(row.p[k]) / total);
            return sum;
        }
    }
}

}  // namespace multilogit
