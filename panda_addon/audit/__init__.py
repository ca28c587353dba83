"""The audit log: what a record holds, and writing it so that none is lost. Knows nothing of mitmproxy."""
