"""The parts of `cluster`, in the way of an article.

- What it says: `terms` (`tokens`), `weights` (`vocabulary`, `common_terms`), as `features`, in an `arrival`.
- Which earlier ones are near: `nearest`, by `lookahead` and `blocks`.
- Which story is its own: `pair_score` (`pair_weights`, `layout`), `ranking`, `placing`, `confidence`; `evidence`.
- What becomes of the story: `growth`, `storyline` (stories of one affair).
- What the story says of itself, a `portrait`: `medoid`, `headline`, `title`, `keywords`, `alarm`.
- What is remembered: `story_records`, `rows`, `memory`, and `live`, all of it as one message sees it.
"""
