"""From feeds and files to articles."""
