"""Where story updates go: the console, files, a database."""
