"""Vectors kept between runs of `storywire eval`, outside the tree, by encoding and text."""
