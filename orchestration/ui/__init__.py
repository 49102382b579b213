"""Dagster's web interface, which answers only its own pages."""
