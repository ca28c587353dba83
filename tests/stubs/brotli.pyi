"""The part of Brotli that Panda uses; the wheel ships no types."""

class error(Exception): ...  # noqa: N801

class Decompressor:
    def process(self, string: bytes, /, output_buffer_limit: int = ...) -> bytes: ...
    def is_finished(self) -> bool: ...
