"""Benchmarks, each side by side with the obvious way to write the same thing, in one run."""
