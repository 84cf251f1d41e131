"""The stages as pure folds over messages. No I/O, no clock, no logging.

- `dedup`: `words`, `reading`, `runs`, `signature`, `subject` (what a headline names), `fingerprint` (a text as
  shingles and MinHash), `lsh`, `sieve`, `merging`, `postings` (candidates), `furniture`, `verdict` (verified
  comparison), `sets`, `roster`, `window` (state).
- `embed`: `encoders` chooses `encoder` (the model, the only file that imports torch) or `hashing_encoder`;
  `vectors` makes dot products exact.
- `cluster`: `arrival` (an article as a row), `terms`, `tokens`, `vocabulary`, `common_terms`, `weights`,
  `features`, `layout` (what is compared), `nearest`, `lookahead`, `blocks` (candidates), `pair_score`,
  `pair_weights`, `ranking`, `placing`, `confidence` (join or open), `evidence`, `storyline` (stories of one
  affair), `growth` (stories that grow and merge), `portrait`, `medoid`, `headline`, `title`, `keywords`, `alarm`
  (what they say of themselves), `rows`, `stories`, `story_records`, `live` (state)."""
