"""Measurements of the cached turn: `python -m bench`, see docs/benchmarks.md."""
