"""The stages as pure folds over messages. No I/O, no clock, no logging.

- `dedup`: `fingerprint` (of `words`, hashed as `runs`), `signature`, `lsh` (candidates, found in `postings` behind
  a `sieve`), `verdict` (verified comparison), `window` and `roster` (state).
- `embed`: `encoders` chooses `encoder` (the model, the only file that imports torch) or `hashing_encoder`;
  `vectors` makes dot products exact.
- `cluster`: `arrival` (an article as a row), `terms`, `vocabulary`, `weights`, `features` (what is compared),
  `nearest` (candidates), `pair_score`, `ranking`, `placing` (join or open), `growth` and `medoid` (stories that
  grow and merge, their titles), `evidence`, `stories`, `story_records`, `live` (state).
"""
