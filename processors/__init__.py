"""The stages as pure folds over messages: `dedup`, `embed`, `cluster`. No I/O, no clock, no logging.

Their parts: `copies` (which texts are copies), `encoding` (vectors of texts), `stories` (which articles report the
same event).
"""
