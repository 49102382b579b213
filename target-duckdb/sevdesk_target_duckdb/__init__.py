"""Singer target for one local DuckDB file."""
