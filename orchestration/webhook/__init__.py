"""The webhook: others may say that something changed in sevDesk."""
