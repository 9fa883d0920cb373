"""From records to docs/benchmarks: what the numbers mean, as tables in markdown and two pictures."""
