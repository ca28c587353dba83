"""The audit log read back: who spent what, and the calls as they come."""
