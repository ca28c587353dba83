"""The stand-in, and proxies in front of it, shared by all tests that use the same door and policy."""

import ssl
from collections.abc import Callable, Iterator

import httpx2
import openai
import pytest

from tests.e2e.proxy import DOORS, Proxy
from tests.e2e.standin import Standin

type Start = Callable[..., Proxy]


@pytest.fixture(scope="session")
def shared_standin(tmp_path_factory) -> Iterator[Standin]:
    """One stand-in for all tests."""
    with Standin(tmp_path_factory.mktemp("standin")) as standin:
        yield standin


@pytest.fixture
def standin(shared_standin: Standin) -> Standin:
    """The stand-in, with nothing received yet."""
    shared_standin.requests = []
    return shared_standin


@pytest.fixture(scope="session")
def start(shared_standin: Standin, tmp_path_factory) -> Iterator[Start]:
    """Start a proxy in front of the stand-in, or hand out the one that runs already with this policy and these options."""
    running: dict[tuple, Proxy] = {}

    def starter(policy: str, *arguments: str, door: str = "panda run", fresh: bool = False, **settings) -> Proxy:
        key = (door, policy, arguments, *settings.items(), len(running) if fresh else None)
        if key not in running or running[key].process.poll() is not None:
            upstream = {
                "panda_upstream": f"127.0.0.1:{shared_standin.port}",
                "ssl_verify_upstream_trusted_ca": shared_standin.ca_file,
            }
            running[key] = Proxy(tmp_path_factory.mktemp("proxy"), door, policy, arguments, {**upstream, **settings})
        return running[key].wait()

    yield starter
    for proxy in running.values():
        proxy.stop()


@pytest.fixture(params=list(DOORS))
def door(request) -> str:
    """Each way to start Panda."""
    return request.param


@pytest.fixture
def through(monkeypatch) -> Callable[[Proxy], None]:
    """Set the environment as the README tells a developer to: what the SDK makes from now on goes through the proxy."""

    def use(proxy: Proxy) -> None:
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(proxy.ca_file))
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key")

    return use


@pytest.fixture
def sdk(through) -> Iterator[Callable[..., openai.OpenAI]]:
    """The real SDK, knowing of the proxy by its environment alone."""
    made = []

    def make(proxy: Proxy, **options) -> openai.OpenAI:
        through(proxy)
        made.append(openai.OpenAI(**options))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def http() -> Iterator[Callable[..., httpx2.Client]]:
    """A bare HTTP client, for bytes that no SDK would send."""
    made = []

    def make(proxy: Proxy, *, http2: bool = False) -> httpx2.Client:
        context = ssl.create_default_context(cafile=str(proxy.ca_file))
        client = httpx2.Client(
            proxy=proxy.url, verify=context, http2=http2, base_url="https://api.openai.com", trust_env=False, timeout=30
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()
