"""The stages as pure folds over messages. No I/O, no clock, no logging.

- `dedup`: `words`, `runs`, `signature`, `fingerprint` (a text as shingles and MinHash), `lsh`, `sieve`, `postings`
  (candidates), `verdict` (verified comparison), `roster`, `window` (state).
- `embed`: `encoders` chooses `encoder` (the model, the only file that imports torch) or `hashing_encoder`;
  `vectors` makes dot products exact.
- `cluster`: `arrival` (an article as a row), `terms`, `tokens`, `vocabulary`, `weights`, `features`, `layout`
  (what is compared), `nearest`, `lookahead` and `blocks` (candidates), `pair_score`, `ranking`, `placing` (join or
  open), `growth` and `medoid` (stories that grow and merge, their titles), `evidence`, `rows`, `stories`,
  `story_records`, `live` (state).
"""
