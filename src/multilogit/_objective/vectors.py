"""Arrays of theta's shape as vectors: the inner products and updates of the solvers."""

from multilogit._kernels.vectors import add_and_dot, combine, dot, inner_products, weighted_square

__all__ = ["add_and_dot", "combine", "dot", "inner_products", "weighted_square"]
