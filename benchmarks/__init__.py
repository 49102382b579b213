"""The tap and the pipeline beside what people would use instead: `make bench`."""
