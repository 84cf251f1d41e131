"""The parts of `embed`.

`encoders` chooses `encoder` (the model; the only file that imports torch) or `hashing_encoder`; `vectors` makes
dot products exact.
"""
