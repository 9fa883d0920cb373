"""Solvers: one algorithm per file, one loop, frozen states; they see sums, never data."""
