"""A small world of news feeds of autumn 2015, and the service run against it (`make demo`)."""
