"""Scheduled runs: what the contract promises each day, week, month and quarter."""
