// A small network as its kernels see it: operations on rows of numbers, a loss at the end, a rule that moves weights.
//
// Rows lie row-major, `stride` numbers apart, those beyond the width are padding; weights W (D + 1, stride) have the
// bias as their last row, so that z = x W + b reads W row by row for each number of x.  Padding of W is zero and stays so.

#pragma once

#include <cstddef>
#include <cstdint>

#include "level.hpp"

namespace multilogit {

enum class Activation : int { linear, sigmoid, tanh, relu, softmax };
enum class Operator : int { dense, activation, dropout };

// The first two are of logits, and their derivative is P - Y; the others are of the network's outputs.
enum class Loss : int { softmax_cross_entropy, logistic_cross_entropy, squared_error, binary_cross_entropy,
                        categorical_cross_entropy };
enum class Rule : int { accumulate, sgd, momentum, nesterov, rmsprop, adam };

constexpr std::size_t most_slots = 3;    // arrays that a rule keeps beside the weights
constexpr std::size_t slack = 16;        // numbers behind every array, which a whole vector may touch

template <typename Real>
struct Operation {
    Operator kind;
    Activation activation;
    std::size_t in, out;              // places; the same where it works in place
    bool below;                       // whether there are weights below it
    std::size_t D, M, stride;         // numbers in and out; of a row of W
    Real* W;                          // (D + 1, stride)
    Real* turned;                     // W' (M, stride of `in`), or null where nothing below has weights
    std::size_t turned_stride;
    Real* slots[most_slots];          // (D + 1, stride) each, or null
    bool bias;
    double rate;                      // of dropout
};

// Where rows of numbers are kept between operations; place 0 is the input, which has row pointers alone.
template <typename Real>
struct Place {
    std::size_t width, stride;
    Real* value;                // (n, stride)
    Real* delta;                // (n, stride) derivative of the loss
    Real* mask;                 // (n, stride) factors of the dropout that ends here, or null
    const Real* const* rows;    // (n,)
    const Real* const* deltas;  // (n,)
};

template <typename Real>
struct Batch {
    std::size_t n;
    const Real* const* targets;  // (n,) rows of K, or null
    const Real* labels;          // (n,) whole numbers, or null
    const Real* weight;          // (n,) c_i: the loss is sum_i c_i loss_i
    // Padded like the outputs, (n, stride): y_ik, and c_i / K with zeros in the padding; null for a loss of rows.
    const Real *spread_targets, *spread_weights;
};

template <typename Real>
struct Layers {
    const Operation<Real>* operations;
    std::size_t count;
    const Place<Real>* places;
    std::size_t last;       // the place of the outputs
    Loss loss;
    Activation final;       // what a loss of logits does with them: the outputs are its values
    bool keep_logits;       // the outputs are the logits all the same
    Real kept_target, added_target;  // the loss is that of kept y + added: label smoothing
    const Real* zeros;      // as many as the longest stride
    Batch<Real> batch;
};

// Memory of one thread: that of residual.hpp for a chunk of rows, or a gradient.
template <typename Real>
struct Workspace {
    Real *Z, *P, *Y;                 // (K, ld) each
    Real *labels, *weight, *mass;    // (ld,) each
    std::uint8_t* present;           // (K,) ones
    double* exact;                   // what the softmax of rows asks for
    Real* G;
};

constexpr std::size_t most_layers = 8;  // of a tiny network

// A small batch of a tiny network, a vector per number and a lane per row; see tiny.hpp.  Layer l is a product and an
// activation; values[l] go in, deltas[l] are the derivatives of the loss with respect to its logits.
template <typename Real>
struct Tiny {
    std::size_t count;
    const Operation<Real>* products[most_layers];
    Activation activations[most_layers];
    Real *values[most_layers + 1], *deltas[most_layers];  // (numbers, lanes)
    const Real *targets, *weights, *ones;  // (K, lanes), (lanes,) c_i / K with zeros beyond the rows, (lanes,)
    std::size_t fours;                     // the rows, in fours
};

enum class Pass : int { outputs, value, gradient };

// Numbers of a rule: w follows from its gradient g and from what the slots hold.
template <typename Real>
struct Step {
    Rule rule;
    bool centred, largest;   // of rmsprop, of adam (amsgrad)
    Real rate;               // adam: the learning rate times sqrt(1 - b2^t) / (1 - b1^t)
    Real momentum, decay, second_decay, epsilon;
};

template <typename Real>
struct NetworkKernels {
    // Rows first, ..., end - 1 of the batch through every operation, and back where `pass` asks for the gradient; returns
    // their part of the loss.  `first` is a multiple of 16.
    double (*rows)(const Layers<Real>& layers, std::size_t first, std::size_t end, Pass pass,
                   const Workspace<Real>& scratch, bool want_outputs);
    // Rows d, ..., d_end - 1 of the weights of one operation, the bias being row D: gradient and step.
    void (*update)(const Layers<Real>& layers, const Operation<Real>& operation, std::size_t d, std::size_t d_end,
                   const Step<Real>& step, const Workspace<Real>& scratch);
    // `count` steps over the batch of a tiny network; returns how many, fewer where a loss is not finite.
    std::size_t (*tiny_steps)(Loss loss, const Tiny<Real>& tiny, const Step<Real>& step, std::size_t count,
                              double* losses, Real* G);
    // f(z) number by number, softmax excepted.
    void (*activate)(Activation activation, Real* z, std::size_t n);
    std::size_t lanes;  // of a whole vector
};

struct NetworkTables {
    NetworkKernels<float> single;
    NetworkKernels<double> twice;
};

// Those of the level in use.
template <typename Real>
const NetworkKernels<Real>& network_kernels() {
    if constexpr (sizeof(Real) == sizeof(float)) return level().network->single;
    else return level().network->twice;
}

}  // namespace multilogit
