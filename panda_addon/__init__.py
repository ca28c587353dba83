"""Panda: a security and observability proxy for OpenAI. Importing this package imports nothing else."""

__version__ = "0.1.0"
