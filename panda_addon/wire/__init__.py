"""OpenAI's shapes: from bytes to an exchange and back. Knows nothing of policy, clocks, sockets or files."""
