"""What `make bench` runs: ours and its peers side by side, on the same articles, in one go."""
