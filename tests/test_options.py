"""Which option values are refused."""

from types import SimpleNamespace

import pytest

from panda_addon import options


class Given(SimpleNamespace):
    """An options object, as far as it is looked at."""

    deferred: dict = {}  # noqa: RUF012

    def __contains__(self, name: str) -> bool:
        return hasattr(self, name)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rawtcp": False, "validate_inbound_headers": True, "ignore_hosts": [], "stream_large_bodies": None}, []),
        ({"stream_large_bodies": ""}, []),
        ({"rawtcp": True}, ["--set rawtcp=false "]),
        ({"validate_inbound_headers": False}, ["--set validate_inbound_headers=true "]),
        ({"stream_large_bodies": "1m", "tcp_hosts": ["x"]}, ["--set stream_large_bodies= ", "--set tcp_hosts= "]),
    ],
)
def test_unsafe(given, said):
    """Each unsafe value is answered with the one to set; an option that is not there cannot be unsafe."""
    assert [fault.partition("(")[0] for fault in options.unsafe(Given(**given))] == said


def test_unknown():
    """A name that starts like ours and is none of ours is reported, others are not our business."""
    given = Given(panda_policy="x", deferred={"panda_polcy": "x", "panda_policy": "x", "other": "y"})
    assert list(options.unknown(given)) == ["no such option: panda_polcy"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", None), ("a.b:443", ("a.b", 443)), ("[::1]:8", ("::1", 8)), ("127.0.0.1:65535", ("127.0.0.1", 65535))],
)
def test_address(value, expected):
    """Host and port are taken apart."""
    assert options.address(value) == expected


@pytest.mark.parametrize("value", ["a", ":1", "a:", "a:b", "a:0", "a:65536", "a:-1"])
def test_no_address(value):
    """What is no host and port is refused."""
    with pytest.raises(ValueError, match="host:port"):
        options.address(value)
