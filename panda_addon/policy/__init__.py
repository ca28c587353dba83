"""The policy: from a YAML file to frozen models, with every error at its place. Knows nothing of calls in flight."""
