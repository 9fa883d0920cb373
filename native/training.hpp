// Epochs of mini-batches over rows in memory, and single passes over them, without entering Python.

#pragma once

#include <cstdint>
#include <vector>

#include "metrics.hpp"
#include "sequential.hpp"

namespace multilogit {

// Rows and targets, N of each, kept by the caller: X (N, D); Y (N, K) or labels (N,); weight (N,) or null for ones.
template <typename Real>
struct Examples {
    std::size_t N, D, K;
    const Real *X, *Y, *labels, *weight;
};

struct Measure {
    Metric metric;
    bool weighted;
};

// Weighted means in the making: of the loss, then of each metric.
struct Means {
    std::vector<double> sums, weights;
    explicit Means(std::size_t count) : sums(count), weights(count) {}
    void add(std::size_t j, double value, double weight) { sums[j] += value * weight, weights[j] += weight; }
    double of(std::size_t j) const { return weights[j] == 0 ? 0 : sums[j] / weights[j]; }
    void clear() {
        sums.assign(sums.size(), 0);
        weights.assign(weights.size(), 0);
    }
};

struct Schedule {
    std::size_t batch_size;
    bool shuffled;
    std::uint64_t seed;
    Rule rule;
    bool centred, largest;
    double rate, momentum, decay, second_decay, epsilon;
};

enum class Stop : int { done, paused, not_finite, interrupted };

template <typename Real>
class Training {
  public:
    Training(Sequential<Real>& network, const Examples<Real>& examples, const Schedule& schedule,
             std::vector<Measure> measures, std::uint64_t first_epoch, std::uint64_t iterations);

    // Until so many epochs, counted from the first one, or so many batches more, or so many seconds: whichever is first.
    Stop run(std::uint64_t epochs, std::uint64_t batches, double seconds, int n_threads, Interrupted interrupted);

    void set_rate(double rate) { schedule_.rate = rate; }
    std::uint64_t epochs() const { return epoch_; }       // finished ones
    std::uint64_t batches() const { return at_; }         // of the present epoch
    std::uint64_t iterations() const { return iterations_; }
    std::vector<double>& history() { return history_; }   // loss and metrics, epoch by epoch
    const Means& means() const { return means_; }         // of the present epoch, or of the last one

  private:
    void begin_epoch();
    void take_batch(std::size_t first, std::size_t n);
    bool step(int n_threads, Interrupted interrupted, double& loss, bool& finished);
    std::uint64_t tiny_epochs(std::uint64_t most, bool& finite);
    Step<Real> next_step();

    Sequential<Real>& network_;
    const Examples<Real> examples_;
    Schedule schedule_;
    const std::vector<Measure> measures_;
    std::vector<std::uint32_t> order_;
    std::vector<const Real*> target_rows_;
    std::vector<Real> labels_, weights_;
    std::vector<double> history_;
    Means means_;
    std::uint64_t epoch_ = 0, at_ = 0, iterations_;
    const std::uint64_t first_epoch_;
    double first_power_, second_power_;  // b1^t, b2^t
    bool taken_ = false;
};

// Outputs of every row, where `outputs` (N, K) is not null; means of the loss and of metrics, where there are targets;
// sums of the gradient of sum_i w_i loss_i in slot 0, where `gradient`.  False where it was interrupted.
template <typename Real>
bool pass_over(Sequential<Real>& network, const Examples<Real>& examples, const std::vector<Measure>& measures,
               Real* outputs, bool gradient, std::size_t batch_size, int n_threads, Interrupted interrupted, Means* means);

}  // namespace multilogit
