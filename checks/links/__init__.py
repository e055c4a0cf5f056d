"""Links: found in the built site, resolved against its files, written back to where they stand."""
