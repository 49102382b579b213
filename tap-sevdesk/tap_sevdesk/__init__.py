"""A Singer tap for sevDesk."""
