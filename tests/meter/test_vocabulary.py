import json
import socket
import threading
from pathlib import Path

import pytest
import tiktoken_ext.openai_public as published

from panda_addon.meter import tokens, vocabulary
from panda_addon.meter.vocabulary import VOCABULARIES, TokenizerError, load, unpack

ENCODINGS = tuple(VOCABULARIES)
GOLDEN = json.loads((Path(__file__).parent.parent / "data" / "tokens.json").read_text())["cases"]
RANKS = Path(vocabulary.__file__).parent / "ranks"


@pytest.fixture
def anew(monkeypatch):
    """As in a process that has loaded nothing yet."""
    monkeypatch.setattr(vocabulary, "_loaded", {})


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("case", GOLDEN, ids=[ascii(case["text"])[:30] for case in GOLDEN])
def test_a_text_becomes_the_tokens_of_another_implementation(case, encoding):
    """The numbers of the tokens are those of an implementation that shares no code with this one."""
    assert load(encoding).encode_ordinary(case["text"]) == case[encoding]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_vocabulary_has_every_byte_and_no_token_over_128(encoding):
    """Any text can be encoded, with a token for each byte at worst and for 128 of them at best."""
    found = unpack((RANKS / f"{encoding}.xz").read_bytes(), VOCABULARIES[encoding].size)
    assert {token for token in found if len(token) == 1} == {bytes([byte]) for byte in range(256)}
    assert max(map(len, found)) == tokens.LONGEST == 128
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding_is_as_tiktoken_has_it(encoding, monkeypatch):
    """The hash that a file must have and the pattern are those of tiktoken, which would fetch the file."""
    asked = []
    monkeypatch.setattr(published, "load_tiktoken_bpe", lambda url, expected_hash: asked.append((url, expected_hash)))
    found = getattr(published, encoding)()
    assert found["pat_str"] == "|".join(VOCABULARIES[encoding].parts)
    assert [(url.rsplit("/")[-1], digest) for url, digest in asked] == [
        (f"{encoding}.tiktoken", VOCABULARIES[encoding].sha256)
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_notice_has_the_hashes_that_are_asked_for(encoding):
    """What the notice says of the files is what is compared."""
    notice = (RANKS / "NOTICE.md").read_text()
    assert VOCABULARIES[encoding].sha256 in notice
    assert f"{VOCABULARIES[encoding].size:,}" in notice


def damaged(data):
    """Files as they may come out of a bad disk, a bad copy or a hand."""
    middle = len(data) // 2
    yield "empty", b""
    yield "cut short", data[:-100]
    yield "a bit turned", data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    yield "not xz", b"<html>" + data
    yield "another vocabulary", (RANKS / "o200k_base.xz").read_bytes()
    yield "two tokens changed places", swapped(data)


def swapped(data):
    """A packed file that is sound, with two tokens of one byte in each other's place."""
    plain = bytearray(vocabulary.lzma.decompress(data))
    size = VOCABULARIES["cl100k_base"].size
    plain[size], plain[size + 1] = plain[size + 1], plain[size]
    return vocabulary.lzma.compress(bytes(plain), preset=0)


@pytest.mark.parametrize(("name", "data"), [*damaged((RANKS / "cl100k_base.xz").read_bytes())], ids=lambda value: value)
def test_a_damaged_file_is_an_error_and_no_encoding(name, data, anew, monkeypatch, tmp_path):
    """Whatever is wrong with a file, loading it raises a TokenizerError that names the encoding."""
    (tmp_path / "cl100k_base.xz").write_bytes(data)
    monkeypatch.setattr(vocabulary, "_FOLDER", tmp_path)
    with pytest.raises(TokenizerError, match="vocabulary of cl100k_base"):
        load("cl100k_base")


def test_a_failure_is_kept(anew, monkeypatch, tmp_path):
    """A file that could not be read is not tried again: no call waits for it twice."""
    monkeypatch.setattr(vocabulary, "_FOLDER", tmp_path)
    with pytest.raises(TokenizerError, match="cannot be read"):
        load("cl100k_base")
    (tmp_path / "cl100k_base.xz").write_bytes((RANKS / "cl100k_base.xz").read_bytes())
    with pytest.raises(TokenizerError, match="cannot be read"):
        load("cl100k_base")


def test_an_unknown_name_is_an_error(anew):
    """There are two encodings."""
    with pytest.raises(TokenizerError, match="no vocabulary named p50k_base"):
        load("p50k_base")


def test_threads_that_ask_at_once_wait_for_one_encoding(anew, monkeypatch):
    """An encoding is made once, however many threads need it first."""
    made, found, go = [], [], threading.Event()

    def slowly(name):
        made.append(name)
        go.wait(10)
        return name

    monkeypatch.setattr(vocabulary, "_made", slowly)
    threads = [threading.Thread(target=lambda: found.append(load("o200k_base"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()
    assert made == ["o200k_base"]
    assert found == ["o200k_base"] * 4


def test_nothing_is_fetched(anew, monkeypatch, tmp_path):
    """Loading and counting open no socket and write no cache."""

    def refuse(*_args, **_more):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("DATA_GYM_CACHE_DIR", str(tmp_path))
    assert [tokens.count(["hello world"], encoding) for encoding in ENCODINGS] == [2, 2]
    assert list(tmp_path.iterdir()) == []
