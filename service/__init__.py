"""What a person touches: the `storywire` command, the supervisor, replay, evaluation, reading."""
