"""Pelican plugins: channels, page labels, disclosure, manifest; one file or small package each."""
