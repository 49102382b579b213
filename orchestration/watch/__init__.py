"""The watch: did anything change in sevDesk? Asked every minute, as sevDesk itself never says."""
