"""The stages and the whole pipeline on both logs, beside the naive script of `bench/naive.py`."""
