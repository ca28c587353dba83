"""Where the policy comes from: its files, read once, watched, and read again when they change."""

from pathlib import Path, PurePath

from panda_addon.policy.errors import PolicyError
from panda_addon.policy.load import load
from panda_addon.policy.model import Ruleset

_PACKAGE = Path(__file__).resolve().parent


def shipped() -> Path:
    """The folder of the policies that come with Panda: inside an installed package, beside it in a checkout."""
    inside = _PACKAGE / "policies"
    return inside if inside.is_dir() else _PACKAGE.parent / "policies"


def read_policy(path: Path) -> Ruleset:
    """The ruleset in a file. Raises PolicyError."""
    return load(path, lambda file: Path(file).read_bytes(), shipped())


class PolicySource:
    """The policy at a path: the last good one, whatever happens to the file."""

    def __init__(self, path: Path) -> None:
        """Load it. Raises PolicyError if it is not good at the start."""
        self.path = path
        self.ruleset = read_policy(path)
        self._watched: tuple[PurePath, ...] = self.ruleset.files
        self._seen = _look(self._watched)

    def poll(self) -> Ruleset | PolicyError | None:
        """The new ruleset if the files have changed for the better, what is wrong if for the worse, else None."""
        seen = _look(self._watched)
        if seen == self._seen:
            return None
        try:
            fresh = read_policy(self.path)
        except PolicyError as error:
            # What the bad version looked for matters as much as what the good one stands on.
            self._watch(tuple(dict.fromkeys((*self.ruleset.files, *error.files))))
            return error
        self._watch(fresh.files)
        changed = fresh.revision != self.ruleset.revision
        self.ruleset = fresh
        return fresh if changed else None

    def _watch(self, files: tuple[PurePath, ...]) -> None:
        self._watched, self._seen = files, _look(files)


def _look(files: tuple[PurePath, ...]) -> list[tuple[int, ...] | None]:
    """What tells whether files were changed: a replaced file has another inode, a written one another time."""
    return [_stat(file) for file in files]


def _stat(file: PurePath) -> tuple[int, ...] | None:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
