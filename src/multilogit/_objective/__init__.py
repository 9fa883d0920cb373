"""Objectives over a source: value, gradient, curvature and what proves an optimum, as sums over row blocks."""
