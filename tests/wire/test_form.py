import io
import time

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_addon.wire.form import form_model

TYPE = "multipart/form-data; boundary=b"
MODEL = b'Content-Disposition: form-data; name="model"'
FILE = b'Content-Disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg'
SOUND = b"\xff\xfb\x90\x00\r\n\r\n--\r\n"


def form(*parts: tuple[bytes, bytes], mark=b"--b", end=b"--\r\n") -> bytes:
    """A form of parts, each a head and what is below it."""
    return b"".join(mark + b"\r\n" + head + b"\r\n\r\n" + value + b"\r\n" for head, value in parts) + mark + end


NAMED = (MODEL, b"whisper-1")
SENT = (FILE, SOUND)


@pytest.mark.parametrize(
    "body",
    [
        form(NAMED),
        form(NAMED, end=b"--"),
        form(SENT, NAMED),
        form(NAMED, SENT),
        form((MODEL + b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 9", b"whisper-1"), SENT),
        form((MODEL + b"\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit", b"whisper-1"), SENT),
        form((b'content-disposition:form-data;name="model"', b"whisper-1")),
        form(NAMED, (b'Content-Disposition: form-data; name="timestamp_granularities[]"', b"word"), SENT),
        form(NAMED, (b'Content-Disposition: form-data; name="prompt"', b"")),
        form(NAMED, (b'Content-Disposition: form-data; name="file"; filename="a%22b\\\\"', SOUND)),
        form(NAMED, (b"Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%C3%A9.mp3", SOUND)),
        form(NAMED, *[(FILE, b"x")] * 127),
    ],
)
def test_a_plain_form_names_its_model(body):
    """Wherever the field stands, and whatever the files hold."""
    assert form_model(TYPE, body) == "whisper-1"


def test_a_boundary_may_be_quoted():
    """Then it may have more characters."""
    assert form_model('Multipart/Form-Data;boundary="a:/b"', form(NAMED, mark=b"--a:/b")) == "whisper-1"
    assert form_model("multipart/form-data; boundary=a:/b", form(NAMED, mark=b"--a:/b")) is None


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=c",
        "multipart/form-data; boundary=b; boundary=c",
        "multipart/form-data; boundary=b; charset=utf-8",
        "multipart/form-data; boundary=b, text/plain",
        'multipart/form-data; boundary="b',
        "multipart/mixed; boundary=b",
        "application/x-www-form-urlencoded",
        "",
        f"multipart/form-data; boundary={'b' * 71}",
    ],
)
def test_a_head_that_is_not_that_of_a_form_says_nothing(content_type):
    """One boundary, and nothing more."""
    assert form_model(content_type, form(NAMED)) is None


ODD = {
    "no model": form(SENT),
    "two": form(NAMED, NAMED),
    "two, the second unreadable": form(NAMED, (MODEL, b"gpt\n")),
    "another case": form((MODEL.replace(b"model", b"Model"), b"whisper-1")),
    "a list": form((MODEL.replace(b"model", b"model[]"), b"whisper-1")),
    "with another case": form(NAMED, (MODEL.replace(b"model", b"MODEL"), b"gpt-4o-transcribe")),
    "with a list": form(NAMED, (MODEL.replace(b"model", b"model[0]"), b"gpt-4o-transcribe")),
    "as a file": form((MODEL + b'; filename="m"', b"whisper-1")),
    "coded": form((MODEL + b"\r\nContent-Transfer-Encoding: base64", b"d2hpc3Blci0x")),
    "in another charset": form((MODEL + b"\r\nContent-Type: text/plain; charset=utf-7", b"whisper-1")),
    "with a field of its own": form((MODEL + b"\r\nX-Model: gpt-4o-transcribe", b"whisper-1")),
    "empty": form((MODEL, b"")),
    "with a blank": form((MODEL, b"whisper-1 ")),
    "on two lines": form((MODEL, b"whisper-1\r\n")),
    "no ASCII": form((MODEL, "whispér-1".encode())),
    "too long": form((MODEL, b"w" * 257)),
    "no quotes": form((b"Content-Disposition: form-data; name=model", b"whisper-1")),
    "another kind of part": form((b'Content-Disposition: attachment; name="model"', b"whisper-1")),
    "two names": form((MODEL + b'; name="file"', b"whisper-1")),
    "an odd name beside it": form(NAMED, (MODEL.replace(b"model", b"%6dodel"), b"gpt-4o-transcribe")),
    "an open quote beside it": form(NAMED, (b'Content-Disposition: form-data; name="f"; filename="a\\"', b"x")),
    "a head said twice": form((MODEL + b"\r\n" + MODEL, b"whisper-1")),
    "a head on two lines": form((b'Content-Disposition: form-data;\r\n name="model"', b"whisper-1")),
    "a head with a bare end of a line": form((MODEL + b"\nX: y", b"whisper-1")),
    "a part without a head": form(NAMED, (b"", b"x")),
    "a part without a name": form(NAMED, (b"Content-Type: text/plain", b"x")),
    "no head at all": b'--b\r\n\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--b--',
    "a long head": form((MODEL + b"\r\nContent-Length: " + b"1" * 4096, b"whisper-1")),
    "another length": form((MODEL + b"\r\nContent-Length: 3", b"gpt-4o")),
    "a length that is none": form((MODEL + b"\r\nContent-Length: x", b"gpt-4o")),
    "a quote in a file's name": form(NAMED, (b'Content-Disposition: form-data; name="file"; filename="a\\"b"', SOUND)),
    "another name in a file's name": form(
        NAMED, (b'Content-Disposition: form-data; name="file"; filename="x\\\\"; filename="a; name=model; b="', SOUND)
    ),
    "another charset": form(NAMED, (b'Content-Disposition: form-data; name="_charset_"', b"utf-7")),
    "a head that is no head": form(NAMED, (FILE + b"\r\na" + b" " * 4000 + b":\0", b"x")),
    "too many parts": form(NAMED, *[(FILE, b"x")] * 128),
    "before its first mark": b"\r\n" + form(NAMED),
    "behind its last": form(NAMED) + b"--b\r\n",
    "more behind its last": form(NAMED) + b"x",
    "not ended": form(NAMED, end=b""),
    "ended by half": form(NAMED, end=b"-"),
    "ended by a line": form(NAMED, end=b"\r\n"),
    "a blank behind a mark": form(NAMED).replace(b"--b\r\n", b"--b \r\n", 1),
    "a mark within a line": form(NAMED, (FILE, b"x--b")),
    "a mark behind a bare end of a line": form(NAMED, (FILE, b"x\n--b\r\n" + MODEL + b"\r\n\r\ngpt")),
    "ends of lines without returns": form(NAMED).replace(b"\r\n", b"\n"),
    "a longer boundary": form(NAMED, mark=b"--bb"),
    "no form": b"whisper-1",
    "nothing": b"",
    "only its end": b"--b--",
    "only a mark": b"--b",
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_a_form_that_is_not_plain_names_none(body):
    """Whatever two servers might read in two ways, or not at all."""
    assert form_model(TYPE, body) is None


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_form_that_was_cut_names_none(cut):
    """Without its end nobody knows what else there was."""
    assert form_model(TYPE, form(NAMED, SENT)[: -cut - 2]) is None


def test_forms_of_an_http_client_are_plain():
    """What the SDK's own client writes is read, with any name of a file."""
    files = {"file": ('a "b" \\ é.mp3', io.BytesIO(SOUND), "audio/mpeg")}
    data = {"model": "gpt-4o-transcribe", "prompt": "model=x", "include[]": "logprobs", "stream": "true"}
    sent = httpx2.Request("POST", "https://api.openai.com/v1/audio/transcriptions", data=data, files=files)
    assert form_model(sent.headers["content-type"], sent.read()) == "gpt-4o-transcribe"


@given(st.lists(st.tuples(st.sampled_from([MODEL, FILE, b"", b"X"]), st.binary(max_size=20)), max_size=4), st.binary())
def test_any_bytes_name_a_model_or_none(parts, more):
    """Nothing is raised, and a model is one of the values that stand there."""
    for body in (form(*parts), form(*parts, end=more), more):
        found = form_model(TYPE, body)
        assert (
            found is None
            or found.encode() in [value for head, value in parts if head == MODEL]
            or found.encode() in more
        )


@pytest.mark.parametrize("filler", [b"-", b"--", b"\r\n--", b"\r\n\r\n", b"-" * 71 + b"x", b"\0"])
def test_a_large_file_is_passed_over(filler):
    """Its bytes are looked at once, whatever they are; how long that takes is printed and not judged."""
    mark = b"--" + b"-" * 69 + b"b"
    body = form((FILE, filler * (25_000_000 // len(filler))), NAMED, mark=mark)
    began = time.perf_counter()
    assert form_model(f"multipart/form-data; boundary={mark[2:].decode()}", body) == "whisper-1"
    print(f"{filler[:8]!r}: {time.perf_counter() - began:.3f} s")
