"""The subcommands of `portal`, one module each; heavy imports stay inside the functions."""
