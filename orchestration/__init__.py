"""The Dagster code location and the command that runs one of its jobs for a person watching."""
