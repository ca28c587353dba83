"""What Panda costs: throughput and CPU time a request, as ratios to plain mitmdump in the same run.

On loopback: an upstream that always gives the same answer, the proxies, and a client that keeps some connections busy
(CONNECT, TLS, HTTP/1.1; the next request goes out when the answer is in). A machine's speed drifts, so proxies are
compared within a round only. Every answer is compared byte for byte, and a log must hold one record for each call.
Client and upstream share the machine: where that leaves a proxy idle (`passed through`), only its CPU time counts.
Needs Linux, whose /proc has the CPU time.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from cryptography.x509 import DNSName
from mitmproxy.certs import CertStore

ROOT = Path(__file__).resolve().parent.parent
PHRASES = 3000
STOCK, PANDA, ADDON, PASSED = "mitmdump", "panda run", "mitmdump -s addon.py", "panda run, passed through"
# The upstream by a name that is in no policy, in a tunnel to its address.
ELSEWHERE = "elsewhere.test"
START_SECONDS, ANSWER_SECONDS, GRACE_SECONDS = 30, 10, 10

CHAT = """\
You are the assistant of a small hardware shop. Answer in two sentences, name all prices in euro, and be kind.
Hello! I would like to build a raised garden bed, two metres by one. Which kind of wood would you take for that?
Larch lasts about ten years untreated and costs about 14 euro a board; you would need nine boards for this bed.
Good. And how do I keep the soil from pressing the boards apart? My neighbour's bed fell to pieces last autumn.
Put a post every metre and screw the boards to it from the outside, with stainless steel screws of five by sixty.
Please write me a shopping list for all of it, and say what I can leave out if I have only 150 euro to spend."""
ROLES = "system user assistant user assistant user".split()
MESSAGES = [{"role": role, "content": text} for role, text in zip(ROLES, CHAT.splitlines(), strict=True)]
QUESTION = json.dumps({"model": "gpt-6-luna", "messages": MESSAGES, "max_tokens": 256, "user": "u7"}).encode()
QUESTION_HEAD = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: %b\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer sk-0123456789abcdef\r\nUser-Agent: OpenAI/Python 3.54.0\r\nContent-Length: %d\r\n\r\n"
)
ANSWER = (
    b'{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-6-luna","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"Nine."}}],"usage":{"prompt_tokens":171,"completion_tokens":4}}'
)
ANSWER_LENGTH = b"\r\ncontent-length: %d\r\n" % len(ANSWER)
ANSWER_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json" + ANSWER_LENGTH + b"\r\n"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy under test: how its clients reach and trust it, and the log that must have a record for each call."""

    name: str
    pid: int
    port: int
    trust: Path
    audit: Path | None = None
    upstream: str = "localhost"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a proxy did in one round: calls with those of the warm-up, requests per second, CPU microseconds a request."""

    calls: int
    rate: float
    cost: float


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request on a connection with the same bytes."""
    with suppress(asyncio.IncompleteReadError, OSError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(int(head.lower().partition(b"\r\ncontent-length:")[2].split(b"\r\n")[0]))
            writer.write(ANSWER_HEAD + ANSWER)
    writer.close()


def serve(listener: socket.socket, certificate: Path) -> None:
    """Be the upstream until terminated. Runs in a process of its own."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.start_server(answer, sock=listener, ssl=context))
    loop.run_forever()


def connect(proxy: Proxy, upstream_port: int) -> ssl.SSLSocket:
    """A connection through a proxy to the upstream."""
    context = ssl.create_default_context(cafile=str(proxy.trust))
    context.set_alpn_protocols(["http/1.1"])
    plain = socket.create_connection(("127.0.0.1", proxy.port), timeout=ANSWER_SECONDS)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tunnel = f"{'localhost' if proxy.upstream != ELSEWHERE else '127.0.0.1'}:{upstream_port}"
    plain.sendall(f"CONNECT {tunnel} HTTP/1.1\r\nHost: {tunnel}\r\n\r\n".encode())
    if b" 200 " not in (reply := plain.recv(4096)):
        raise RuntimeError(f"{proxy.name} answered CONNECT with {reply!r}")
    return context.wrap_socket(plain, server_hostname=proxy.upstream)


def call(connection: ssl.SSLSocket, request: bytes) -> None:
    """Send a request and read the answer. Raises OSError, and RuntimeError if it is not the expected one."""
    connection.sendall(request)
    got = b""
    while not got.endswith(ANSWER):
        data = connection.recv(1 << 16)
        got += data
        if not data or not got.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"this is no answer: {got!r}")
    head, _, body = got.partition(b"\r\n\r\n")
    if body != ANSWER or ANSWER_LENGTH not in head.lower() + b"\r\n":
        raise RuntimeError(f"this is another answer: {got!r}")


def load(proxy: Proxy, upstream_port: int, connections: int, seconds: float) -> Sample:
    """Keep some connections busy for a while. Runs in a process of its own."""
    request = QUESTION_HEAD % (f"{proxy.upstream}:{upstream_port}".encode(), len(QUESTION)) + QUESTION
    sockets = [connect(proxy, upstream_port) for _ in range(connections)]
    for connection in sockets:
        call(connection, request)

    def keep_busy(connection: ssl.SSLSocket) -> int:
        calls = 0
        while time.perf_counter() - began < seconds:
            call(connection, request)
            calls += 1
        return calls

    with ThreadPoolExecutor(connections) as pool:
        cpu, began = cpu_seconds(proxy.pid), time.perf_counter()
        calls = sum(pool.map(keep_busy, sockets))
        elapsed, cpu = time.perf_counter() - began, cpu_seconds(proxy.pid) - cpu
    for connection in sockets:
        connection.close()
    return Sample(connections + calls, calls / elapsed, cpu / calls * 1e6)


def cpu_seconds(pid: int) -> float:
    """The CPU time a process has used, in user mode and in the kernel (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write_certificate(folder: Path) -> Path:
    """Write an authority, its key, and a certificate for the upstream's names, which uses the same key."""
    store = CertStore.from_store(folder, "upstream", 2048)
    entry = store.get_cert("localhost", [DNSName("localhost"), DNSName(ELSEWHERE)])
    (folder / "upstream.pem").write_bytes(entry.cert.to_pem() + (folder / "upstream-ca.pem").read_bytes())
    return folder / "upstream-ca-cert.pem"


def write_policy(folder: Path, *texts: str) -> Path:
    """The default policy, for the upstream's host, with one more list: many phrases, none in the chat or the texts."""
    chance = random.Random(7)  # noqa: S311 the same phrases in every run
    words = sorted({word.strip(".,;!?") for word in CHAT.lower().split()})
    phrases = [" ".join(chance.choices(words, k=chance.choice((2, 3, 4)))) for _ in range(2 * PHRASES)]
    # What the texts say without their marks, and what each voice says in one.
    voices = [
        " ".join(line for role, line in zip(ROLES, CHAT.splitlines(), strict=True) if role == one) for one in ROLES
    ]
    said = " ".join(re.findall(r"\w+", "\n".join([CHAT, *voices, *texts]).lower()))
    absent = [phrase for phrase in dict.fromkeys(phrases) if phrase not in said]
    (folder / "many.txt").write_text("\n".join(absent[:PHRASES]))
    policy = yaml.safe_load((ROOT / "policies" / "default.yaml").read_text())
    policy["hosts"] = ["localhost"]
    for part in policy["policies"]:
        part["phrases"] = [*part.get("phrases", []), {"list": "many.txt", "action": "audit"}]
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy))
    return folder / "policy.yaml"


@contextmanager
def started(command: list[str], log: Path) -> Iterator[tuple[int, int]]:
    """Run a proxy until the end of the block; gives its process id and its port once it listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / command[0]), *command[1:], "-p", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603 ours
    try:
        deadline = time.monotonic() + START_SECONDS
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(command)} did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        process.kill()
        process.wait()


def start_all(stack: ExitStack, folder: Path) -> list[Proxy]:
    """Start every proxy, each to end with the stack."""
    authority, policy = write_certificate(folder), write_policy(folder)
    common = [f"--set=confdir={folder}", f"--set=ssl_verify_upstream_trusted_ca={authority}"]
    quiet = ["mitmdump", "-q", "--set=flow_detail=0", "--listen-host=127.0.0.1"]
    addon = [*quiet, "-s", str(ROOT / "panda_addon" / "addon.py"), "--set=rawtcp=false"]
    proxies: list[Proxy] = []
    for name, command in {STOCK: quiet, PANDA: ["panda", "run"], ADDON: addon}.items():
        audit = None if name == STOCK else folder / f"audit-{len(proxies)}.jsonl"
        own = [f"--set=panda_policy={policy}", f"--set=panda_audit={audit}"] if audit else []
        pid, port = stack.enter_context(started([*command, *common, *own], folder / "output"))
        proxies.append(Proxy(name, pid, port, folder / "mitmproxy-ca-cert.pem", audit))
    return [*proxies, replace(proxies[1], name=PASSED, trust=authority, audit=None, upstream=ELSEWHERE)]


def measure(
    folder: Path, rounds: int, seconds: float, loads: list[int], start: Callable[[ExitStack, Path], list[Proxy]]
) -> dict[tuple[str, int], list[Sample]]:
    """The samples of every proxy for every number of connections, one a round. Raises RuntimeError and OSError."""
    made: Counter[Path | None] = Counter()
    samples: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    spawn = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        proxies = start(stack, folder)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        upstream = spawn.Process(target=serve, args=(listener, folder / "upstream.pem"), daemon=True)
        upstream.start()
        stack.callback(upstream.terminate)
        pool = stack.enter_context(ProcessPoolExecutor(1, spawn))

        def sample(proxy: Proxy, connections: int, seconds: float) -> Sample:
            found = pool.submit(load, proxy, listener.getsockname()[1], connections, seconds).result()
            made[proxy.audit] += found.calls
            return found

        for proxy in proxies:
            sample(proxy, max(loads), 1)
        for turn in range(rounds):
            for connections in loads:
                for proxy in proxies[:: -1 if turn % 2 else 1]:
                    samples[proxy.name, connections].append(sample(proxy, connections, seconds))
    for audit, calls in made.items():
        events = [json.loads(line)["event"] for line in audit.read_text().splitlines()] if audit else []
        if audit and events.count("exchange") != calls:
            raise RuntimeError(f"{events.count('exchange')} audit records for {calls} calls")
    return samples


def compare(samples: dict[tuple[str, int], list[Sample]], base: str = STOCK) -> list[dict[str, Any]]:
    """A row for each proxy and number of connections; its values are a median, the least and the most of all rounds.

    Ratios are to the proxy called `base`.
    """
    rows = []
    for (name, connections), own in sorted(samples.items(), key=lambda item: item[0][1]):
        pairs = list(zip(own, samples[base, connections], strict=True))
        columns = {
            "requests_per_second": [mine.rate for mine in own],
            "throughput_ratio": [mine.rate / stock.rate for mine, stock in pairs],
            "cpu_us_per_request": [mine.cost for mine in own],
            "cpu_ratio": [mine.cost / stock.cost for mine, stock in pairs],
            "cpu_us_added": [mine.cost - stock.cost for mine, stock in pairs],
        }
        spreads = {column: (statistics.median(all_), min(all_), max(all_)) for column, all_ in columns.items()}
        rows.append({"connections": connections, "proxy": name, **spreads})
    return rows


def table(rows: list[dict[str, Any]], base: str = STOCK) -> str:
    """The rows for a reader."""
    ratio_to = f"x {base}"
    lines = [f"conn.  proxy                       req/s  {ratio_to:<19}   CPU us  {ratio_to:<19} added us"]
    for connections, name, rate, ratio, cost, cost_ratio, added in (row.values() for row in rows):
        ratios = ["{:.2f} ({:.2f}-{:.2f})".format(*values) for values in (ratio, cost_ratio)]
        line = f"{connections:>5}  {name:<25}{rate[0]:>8.0f}  {ratios[0]:<19}"
        lines.append(f"{line}{cost[0]:>9.0f}  {ratios[1]:<19}{added[0]:>9.0f}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print. Raises RuntimeError and OSError if the numbers could not be believed."""
    parser = argparse.ArgumentParser(description="Panda's throughput and CPU time, as ratios to plain mitmdump.")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=1, help="of each proxy in each round")
    parser.add_argument("--connections", default="1,16", help="how many at a time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    loads = [int(number) for number in options.connections.split(",")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends, what was written goes
    with tempfile.TemporaryDirectory(prefix="panda-bench-") as folder:
        rows = compare(measure(Path(folder), options.rounds, options.seconds, loads, start_all))
    setup = f"""Python {sys.version.split()[0]}, mitmproxy {version("mitmproxy")}, {os.cpu_count()} CPUs, \
{options.rounds} rounds of {options.seconds:g} s, {len(QUESTION)} bytes to {len(ANSWER)}, {PHRASES} more phrases"""
    result = json.dumps({"setup": setup, "rows": rows}, indent=1) if options.json else f"{setup}\n\n{table(rows)}"
    sys.stdout.write(f"{result}\n")


if __name__ == "__main__":
    main()
