"""Alerts: what is sent to whom, when, in which words, by which way."""
