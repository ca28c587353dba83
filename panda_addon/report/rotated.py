"""The files that rotation leaves beside a log, and which of them took its path and lost it again while nobody looked.

Knows only what a folder says of its files: names, sizes, times. Knows nothing of what is in them.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

# Behind the log's own name: a number or a date, as logrotate and its like write them, and what a packer adds.
_BEHIND = re.compile(r"[.-]\d[\d.:T_-]*(\.gz|\.bz2|\.xz|\.zst)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rotated:
    """A rotated file, which is itself whatever it is called: the next rotation may give it another name."""

    path: str = field(compare=False)
    packing: str = field(compare=False)
    device: int
    inode: int
    changed: int
    size: int

    def is_file(self, state: os.stat_result) -> bool:
        """Whether it is the file of which this is the state."""
        return (self.device, self.inode) == (state.st_dev, state.st_ino)


def beside(path: str) -> frozenset[Rotated]:
    """The rotated files of a log that are in its folder now; none if that cannot be read."""
    log = Path(path)
    found = []
    with suppress(OSError), os.scandir(log.parent) as entries:
        for entry in entries:
            behind = _BEHIND.fullmatch(entry.name.removeprefix(log.name))
            if behind and entry.name.startswith(log.name):
                with suppress(OSError):
                    state = entry.stat()
                    packing = behind[1] or ""
                    found.append(
                        Rotated(entry.path, packing, state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size)
                    )
    paths = {file.path for file in found}
    # A packed file whose plain one is still there is just being made from that.
    return frozenset(file for file in found if not file.packing or file.path.removesuffix(file.packing) not in paths)


def between(fresh: frozenset[Rotated], old: os.stat_result, new: os.stat_result) -> tuple[list[Rotated], bool]:
    """Those of some files that followed the old one and came before the new one, in order, and whether that is sure.

    `fresh` are those that were not there when the old one was opened. It is not sure if the old one is not among them,
    as it is or packed: then it was moved elsewhere, and others may have been too.
    """
    later = [file for file in fresh if file.changed >= old.st_mtime_ns and not file.is_file(new)]
    later.sort(key=lambda file: file.changed)
    others = [file for file in later if not file.is_file(old)]
    if len(others) < len(later):
        return others, True
    # The oldest is the old one, packed at once.
    packed = bool(later and later[0].packing)
    return later[packed:], packed
