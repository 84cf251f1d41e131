"""The parts of `dedup`, in the way of an article.

- What it says: `words`, `reading`, `runs` (shingles), `signature` (MinHash), `subject` (what its headline names),
  and all of that as a `fingerprint`.
- Which earlier ones may be like it: `lsh`, over `postings`, whose `sieve` knows what is not there; `merging`.
- What they are to each other: `verdict`, but for `furniture`; `sets`.
- What is remembered: `roster`, `window`.
"""
