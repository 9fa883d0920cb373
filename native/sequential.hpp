// A network in memory: its weights, what its rule remembers, and room for a batch of rows.

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "buffer.hpp"
#include "network.hpp"
#include "pool.hpp"

namespace multilogit {

// An operation as a user's layer names it.
struct Description {
    Operator kind;
    Activation activation;
    std::size_t units;  // of a dense one
    bool bias;
    double rate;        // of dropout
};

struct Ending {  // the loss, and what it does with the last operation's numbers
    Loss loss;
    Activation final;
    bool keep_logits;
    double smoothing;
};

template <typename Real>
class Sequential {
  public:
    Sequential(std::size_t inputs, const std::vector<Description>& descriptions, const Ending& outputs);
    ~Sequential();
    Sequential(const Sequential&) = delete;
    Sequential& operator=(const Sequential&) = delete;

    // theta: for each dense operation W (D, M), then b (M,) where it has one.
    std::size_t parameters() const { return parameters_; }
    void load(const Real* theta);
    void save(Real* theta) const;
    void load_slot(std::size_t slot, const Real* theta);
    void save_slot(std::size_t slot, Real* theta) const;

    std::size_t inputs() const { return places_[0].width; }
    std::size_t outputs() const { return places_.back().width; }
    double work_of_row() const { return work_; }  // multiply-adds of a row there and back

    // Makes room for batches of n rows, whose pointers the caller sets.
    void reserve(std::size_t n);
    std::vector<const Real*>& inputs_of_batch() { return input_rows_; }
    // Takes targets and weights of the batch, as Batch has them; the arrays stay the caller's.
    void take(const Batch<Real>& batch);
    const Batch<Real>& batch() const { return layers_.batch; }
    // Draws the factors of dropout: 0 or 1 / (1 - rate).
    void draw_masks(std::uint64_t seed, std::uint64_t step);
    void drop_nothing();

    // The batch forward, and back; returns its loss.  False in `finished` where it was interrupted.
    double run(Pass pass, bool want_outputs, int n_threads, Interrupted interrupted, bool& finished);
    // Moves the weights; `slots` says how many arrays the rule needs.
    void move(const Step<Real>& step, int n_threads);

    // Whether the batch that was taken is one of a tiny network, and steps over it: fewer where a loss is not finite.
    bool is_tiny() const { return tiny_batch_; }
    std::size_t tiny_steps(const Step<Real>& step, std::size_t count, double* losses);
    void tiny_outputs();  // those before the last step become the rows of output_row

    const Real* output_row(std::size_t i) const { return places_.back().value + i * places_.back().stride; }
    // The first dense operation whose weights, or else the first operation whose numbers of this batch, are not finite.
    int first_not_finite(bool& weights) const;

  private:
    Buffer<Real>* array(std::size_t size);
    Workspace<Real>& scratch(int thread);
    void reserve_scratch(int n_threads);
    std::size_t padded(std::size_t width) const;
    void add(const Description& each);
    template <typename Copy>
    void each_weight(Copy copy) const;
    bool fits_tiny();
    void take_tiny();
    void turn(const Operation<Real>& each);

    struct Kept;
    const std::size_t lanes_, described_;
    std::vector<Operation<Real>> operations_;
    std::vector<Place<Real>> places_;
    std::vector<std::unique_ptr<Buffer<Real>>> arrays_;        // of the weights
    std::vector<std::unique_ptr<Buffer<Real>>> batch_arrays_;  // of the batch
    std::vector<std::unique_ptr<Buffer<Real>>> tiny_arrays_;
    std::vector<std::vector<const Real*>> pointers_;
    std::vector<const Real*> input_rows_;
    std::vector<std::unique_ptr<Kept>> scratch_;
    Layers<Real> layers_;
    Tiny<Real> tiny_{};
    bool tiny_batch_ = false;
    Real *spread_targets_ = nullptr, *spread_weights_ = nullptr;
    std::size_t parameters_ = 0, capacity_ = 0, longest_ = 0;
    double work_ = 0;
};

}  // namespace multilogit
