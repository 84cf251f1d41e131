"""The stages as pure folds: near-duplicates, vectors, stories. No I/O, no clock, no logging."""
