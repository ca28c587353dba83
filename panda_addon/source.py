"""Where the policy comes from: its files, read once, watched, and read again when they change."""

from collections.abc import Callable
from pathlib import Path, PurePath

from panda_addon.policy.errors import PolicyError
from panda_addon.policy.load import load
from panda_addon.policy.model import Ruleset

_PACKAGE = Path(__file__).resolve().parent

# What tells whether a file was changed: a replaced one has another inode, a written one another time or size.
type _Look = tuple[int, ...] | None


def shipped() -> Path:
    """The folder of the policies that come with Panda: inside an installed package, beside it in a checkout."""
    inside = _PACKAGE / "policies"
    return inside if inside.is_dir() else _PACKAGE.parent / "policies"


def read_policy(path: Path) -> Ruleset:
    """The ruleset in a file. Raises PolicyError."""
    return load(path, _read, shipped())


class PolicySource:
    """The policy at a path: the last good one, whatever happens to the file."""

    def __init__(self, path: Path) -> None:
        """Load it. Raises PolicyError if it is not good at the start."""
        self.path = path
        self._seen: dict[PurePath, _Look] = {}
        self._bad = False
        self.ruleset = load(path, _noting(self._seen), shipped())

    def poll(self) -> Ruleset | PolicyError | None:
        """The new ruleset if the files have changed for the better, what is wrong if for the worse, else None."""
        if all(_look(file) == seen for file, seen in self._seen.items()):
            return None
        seen: dict[PurePath, _Look] = {}
        try:
            fresh = load(self.path, _noting(seen), shipped())
        except PolicyError as error:
            self._bad = True
            return error
        finally:
            # What a bad version looked for, found or not, is all that could mend it.
            self._seen = seen
        # A bad version that was taken back is worth a word: it was complained about before.
        news = self._bad or fresh.revision != self.ruleset.revision
        self.ruleset, self._bad = fresh, False
        return fresh if news else None


def _read(file: PurePath) -> bytes:
    return Path(file).read_bytes()


def _noting(seen: dict[PurePath, _Look]) -> Callable[[PurePath], bytes]:
    """Reads files and notes how each looked just before: a change while it is read is then seen by the next look."""

    def read(file: PurePath) -> bytes:
        seen[file] = _look(file)
        return _read(file)

    return read


def _look(file: PurePath) -> _Look:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    # The change time sees what a copied modification time hides, and a change of permissions.
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
