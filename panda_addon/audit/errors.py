"""Exceptions, as a log may have them."""

import hashlib
import traceback
from pathlib import PurePath


def describe(error: BaseException, stage: str) -> dict[str, str]:
    """An exception without its words, which may hold a caller's text: its type, where, and a hash of the stack."""
    walked = traceback.walk_tb(error.__traceback__)
    frames = [f"{PurePath(frame.f_code.co_filename).name}:{line}" for frame, line in walked]
    return {
        "stage": stage,
        "type": type(error).__name__,
        "at": frames[-1] if frames else "",
        "fingerprint": hashlib.sha256("\n".join(frames).encode()).hexdigest()[:16],
    }
