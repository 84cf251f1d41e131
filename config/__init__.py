"""Settings: the parameter sections, the tree composed of them, and the feeds followed by default."""
