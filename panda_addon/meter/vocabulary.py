"""The vocabularies of OpenAI's tokenizers, and the encodings made of them.

Knows no model and no text. The tokens are in files of this package (`ranks/NOTICE.md` says whose they are); nothing here
asks the network or an environment variable, as tiktoken's own loader does.
"""

import binascii
import hashlib
import itertools
import lzma
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tiktoken

_FOLDER = Path(__file__).resolve().parent / "ranks"

# Where a text is cut before tokens are made of the parts: each of these is one part. The patterns are tiktoken's own.
_O200K_PARTS = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}",
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
)
_CL100K_PARTS = (
    r"'(?i:[sdmt]|ll|ve|re)",
    r"[^\r\n\p{L}\p{N}]?+\p{L}++",
    r"\p{N}{1,3}+",
    r" ?[^\s\p{L}\p{N}]++[\r\n]*+",
    r"\s++$",
    r"\s*[\r\n]",
    r"\s+(?!\S)",
    r"\s",
)


class TokenizerError(Exception):
    """Tokens cannot be counted: a vocabulary is missing or damaged, or the tokenizer failed on a text."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What defines an encoding beside its file: how many tokens, the hash of the `.tiktoken` text, where texts are cut."""

    size: int
    sha256: str
    parts: tuple[str, ...]


VOCABULARIES = {
    "o200k_base": Vocabulary(
        size=199_998,
        sha256="446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        parts=_O200K_PARTS,
    ),
    "cl100k_base": Vocabulary(
        size=100_256,
        sha256="223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        parts=_CL100K_PARTS,
    ),
}

# What became of each file that was read: a failure is kept as well, for no call would mend it, and each would wait.
_loaded: dict[str, tiktoken.Encoding | TokenizerError] = {}
_LOADING = threading.Lock()


def load(name: str) -> tiktoken.Encoding:
    """The encoding of that name, made once per process. Raises TokenizerError, the same at every call.

    The first call takes up to half a second and holds Python's lock for much of it: make it before there is traffic.
    Special tokens are left out, so that `<|endoftext|>` in a text is text.
    """
    found = _loaded.get(name)
    if found is None:
        with _LOADING:
            found = _loaded.get(name)
            if found is None:
                found = _loaded[name] = _made(name)
    if isinstance(found, TokenizerError):
        raise TokenizerError(str(found))
    return found


def _made(name: str) -> tiktoken.Encoding | TokenizerError:
    vocabulary = VOCABULARIES.get(name)
    if vocabulary is None:
        return TokenizerError(f"there is no vocabulary named {name}")
    try:
        tokens = unpack((_FOLDER / f"{name}.xz").read_bytes(), vocabulary.size)
        if hashlib.sha256(b"".join(lines(tokens))).hexdigest() != vocabulary.sha256:
            return TokenizerError(f"the vocabulary of {name} is not the one that it should be")
        ranks = {token: rank for rank, token in enumerate(tokens)}
        return tiktoken.Encoding(name, pat_str="|".join(vocabulary.parts), mergeable_ranks=ranks, special_tokens={})
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        return TokenizerError(f"the vocabulary of {name} cannot be read: {error}")


def unpack(data: bytes, size: int) -> list[bytes]:
    """So many tokens from a packed file: the length of each, one byte, then all of them, in the order of their ranks.

    Raises LZMAError, EOFError or ValueError if the file is damaged.
    """
    plain = lzma.decompress(data)
    ends = list(itertools.accumulate(plain[:size], initial=size))
    if len(ends) != size + 1 or ends[-1] != len(plain):
        raise ValueError("its length is wrong")
    return [plain[start:end] for start, end in itertools.pairwise(ends)]


def lines(tokens: list[bytes]) -> Iterator[bytes]:
    """Tokens as the lines of a `.tiktoken` file: base64, a space, the rank."""
    for rank, token in enumerate(tokens):
        yield b"%s %d\n" % (binascii.b2a_base64(token, newline=False), rank)
