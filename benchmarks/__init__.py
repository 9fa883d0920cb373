"""The measurements behind docs/benchmarks: problem families, one adapter per rival, one judge for all.

A fit is asked for a relative suboptimality, never for a library's own stopping rule: see `benchmarks.judge` for what
is judged, `benchmarks.ladder` for how the setting is found that reaches it soonest, `benchmarks.rivals` for who runs.
"""
