"""The report: rows of the marts in, one page out."""
