"""The model that a form names, and nothing else of it: its other fields are not read, and its files never.

Strict, for servers differ in what they overlook: a form (RFC 7578) that could be read in two ways names no model.
"""

import re

# No form of the API has so many fields, and no name of a model or head of a field is so long.
_MAX_PARTS = 128
_MAX_HEAD = 4096
_MAX_MODEL = 256

_FORM = re.compile(
    r'multipart/form-data *; *boundary=(?:"([A-Za-z0-9\'()+_,./:=?-]{1,70})"|([A-Za-z0-9\'+_.-]{1,70}))', re.IGNORECASE
)
_NAME = re.compile(rb"[A-Za-z-]+")
# No quotes in the name of a file, escaped or not: to some servers another name for the field may follow.
_DISPOSITION = re.compile(
    rb'form-data; *name="([A-Za-z0-9_-]{1,64}(?:\[[A-Za-z0-9_-]*\])*)"'
    rb'(?:; *filename="(?:[^"\\]|\\[^"])*")?(?:; *filename\*=[!#-+.0-9A-Z^-z|~\'-]+)?'
)
_ODD = frozenset(b"\r\n\0")
_MODEL = re.compile(rb"[!-~]+")

# What may be said of a field's text: that it is no more than its bytes.
_PLAIN = {
    b"content-disposition": re.compile(rb'form-data; *name="model"'),
    b"content-type": re.compile(rb'text/plain(?:; *charset="?(?:utf-8|us-ascii)"?)?', re.IGNORECASE),
    b"content-length": re.compile(rb"[0-9]{1,4}"),
    b"content-transfer-encoding": re.compile(rb"7bit|8bit|binary", re.IGNORECASE),
}


def form_model(content_type: str, body: bytes) -> str | None:
    """The model that a form names; None where it names none or more than one, or is not plain.

    The body is looked through once for where its parts begin, and not copied.
    """
    form = _FORM.fullmatch(content_type.strip())
    parts = _parts(body, b"--" + (form[1] or form[2]).encode()) if form else None
    models: list[str | None] = []
    for start, behind_head, end in parts or ():
        fields = _fields(body[start:behind_head])
        named = _DISPOSITION.fullmatch(fields.get(b"content-disposition", b""))
        if named is None or named[1] == b"_charset_":
            return None
        if named[1].lower().partition(b"[")[0] == b"model":
            models.append(_plain(fields, body[behind_head + 4 : min(end, behind_head + 5 + _MAX_MODEL)]))
    return models[0] if len(models) == 1 else None


def _plain(fields: dict[bytes, bytes], value: bytes) -> str | None:
    """A field's text, if it is fit for the name of a model and nothing says that it is to be read in another way."""
    plain = all(name in _PLAIN and _PLAIN[name].fullmatch(said) for name, said in fields.items())
    if not plain or len(value) > _MAX_MODEL or not _MODEL.fullmatch(value):
        return None
    return value.decode() if int(fields.get(b"content-length", len(value))) == len(value) else None


def _parts(body: bytes, mark: bytes) -> list[tuple[int, int, int]] | None:
    """Where each part of a form begins, where its head ends, and where it ends itself; None if that is in doubt."""
    parts: list[tuple[int, int, int]] = []
    end = 0 if body.startswith(mark) else -1
    start = end + len(mark)
    while end >= 0 and body[start : start + 2] == b"\r\n":
        behind_head = body.find(b"\r\n\r\n", start, start + _MAX_HEAD)
        end = body.find(mark, start)
        # A mark anywhere else than where a line begins is one to some servers.
        if len(parts) == _MAX_PARTS or not start < behind_head <= end - 6 or body[end - 2 : end] != b"\r\n":
            return None
        parts.append((start + 2, behind_head, end - 2))
        start = end + len(mark)
    return parts if body[start : start + 5] in (b"--", b"--\r\n") else None


def _fields(head: bytes) -> dict[bytes, bytes]:
    """The header fields of a part by their names in lower case; none if one is not written plainly, or comes twice."""
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if not _NAME.fullmatch(name) or name.lower() in fields or not _ODD.isdisjoint(value):
            return {}
        fields[name.lower()] = value.strip(b" \t")
    return fields
