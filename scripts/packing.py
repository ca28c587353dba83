"""Writes `panda_addon/meter/ranks/*.xz` from the `.tiktoken` files in which OpenAI publishes its vocabularies."""

import argparse
import base64
import hashlib
import lzma
import sys
from pathlib import Path

from panda_addon.meter.vocabulary import VOCABULARIES, lines

RANKS = Path(__file__).resolve().parent.parent / "panda_addon" / "meter" / "ranks"


def packed(path: Path, sha256: str) -> bytes:
    """A `.tiktoken` file as it is kept here. Raises SystemExit if it is another file than the one expected."""
    text = path.read_bytes()
    if hashlib.sha256(text).hexdigest() != sha256:
        raise SystemExit(f"{path} is not the file that tiktoken would take")
    tokens = [base64.b64decode(line.split()[0]) for line in text.splitlines()]
    if b"".join(lines(tokens)) != text:
        raise SystemExit(f"{path} has ranks that are out of order")
    # Text is what these settings are best for: 2 % smaller than the highest level alone.
    settings = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}
    return lzma.compress(bytes(map(len, tokens)) + b"".join(tokens), filters=[settings])


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where the .tiktoken files are")
    folder = parser.parse_args().folder
    for name, vocabulary in VOCABULARIES.items():
        source = folder / f"{name}.tiktoken"
        if not source.is_file():
            parser.error(f"there is no {source}: see {RANKS / 'NOTICE.md'} for where to get it")
        data = packed(source, vocabulary.sha256)
        (RANKS / f"{name}.xz").write_bytes(data)
        sys.stdout.write(f"{name}.xz: {len(data)} bytes\n")


if __name__ == "__main__":
    main()
