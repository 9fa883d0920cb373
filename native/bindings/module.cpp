// multilogit._kernels._native: table of contents of the compiled kernels.

#include "bindings.hpp"

NB_MODULE(_native, m) {
    m.doc() = "Compiled kernels of multilogit; multilogit._kernels.reference documents the formulas.";
    multilogit::register_rows(m);
    multilogit::register_stacked(m);
    multilogit::register_dense(m);
    multilogit::register_sparse(m);
    multilogit::register_predictor(m);
    multilogit::register_exact(m);
    multilogit::register_levels(m);
    multilogit::register_threads(m);
    multilogit::register_vectors(m);
    multilogit::register_network(m);
}
