"""Objectives over a source: value, gradient and curvature, as sums over row blocks."""
