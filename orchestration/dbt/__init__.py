"""dbt: the manifest, a build, rows read back."""
