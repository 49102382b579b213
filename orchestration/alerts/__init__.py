"""Alerts: rules of what is due, messages and their language, channels."""
