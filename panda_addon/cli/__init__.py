"""The `panda` command."""
