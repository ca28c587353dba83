"""A body as text: opened once, walked for what it says, and written back with edits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from panda_addon.exchange import Span
from panda_addon.verdict import Edit, Put
from panda_addon.wire.dependents import dependents
from panda_addon.wire.errors import WireError
from panda_addon.wire.splice import splice
from panda_addon.wire.strictjson import Json, decode_text, parse
from panda_addon.wire.walk import Texts, walk


@dataclass(frozen=True, slots=True)
class Document:
    """A body. `value` is what its JSON says; a body that is plain text as a whole is not `json`."""

    source: str
    json: bool
    value: Json = None

    def texts(self) -> Texts:
        """Everything it says."""
        if self.json:
            return walk(self.value)
        return Texts([Span("", self.source)] if self.source else [])

    def write(
        self, edits: Iterable[Edit], puts: Iterable[Put] = (), literals: Mapping[str, str] | None = None
    ) -> bytes:
        """Its bytes with the edits made; every other byte stays as it was, but what depends on an edited text.

        `literals` are JSON to write at other pointers. Edits of one string must not overlap. Raises WireError where
        edited names of one object would be the same.
        """
        edits = tuple(edits)
        if self.json:
            written = splice(self.source, edits, puts, {**dependents(self.value, edits), **(literals or {})})
            if any(edit.key for edit in edits):
                _check_names(written)
            return written.encode()
        pieces: list[str] = []
        done = 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            pieces += self.source[done : edit.start], edit.text
            done = edit.end
        return "".join((*pieces, self.source[done:])).encode()


def _check_names(written: str) -> None:
    try:
        parse(written)
    except WireError as error:
        raise WireError("two names in the JSON would be the same after redaction") from error


def open_json(body: bytes, charset: str | None) -> Document:
    """A JSON body. Raises WireError."""
    return open_data(decode_text(body, charset))


def open_text(body: bytes, charset: str | None) -> Document:
    """A body that is text as a whole. Raises WireError."""
    return Document(decode_text(body, charset), False)


def open_data(source: str) -> Document:
    """The JSON of an event. Raises WireError."""
    return Document(source, True, parse(source))
