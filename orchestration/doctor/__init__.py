"""`make doctor`: the whole configuration, line by line."""
