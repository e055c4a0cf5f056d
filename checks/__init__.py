"""The gate: rules over what was written and what was built."""
