"""One `meltano run` as a child process."""
