"""Where the parts are put together: the `portal` command and the one web process."""
