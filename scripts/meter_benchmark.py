"""What metering costs: throughput and CPU time of calls and of streams, with and without it, as ratios in the same run.

The proxy without it is the same `panda run`, in which nothing is counted, priced, asked for or kept. One with it has a
policy without limits, another one with both: `prompt_tokens` and `request_cost_usd`, so close to what the calls have that
each is counted. Measured as in `benchmark.py` and `stream_benchmark.py`.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import benchmark
import stream_benchmark
import yaml
from benchmark import Proxy, started, write_certificate, write_policy
from streaming import PROSE

from panda_addon.meter.tokens import bounds, count

BARE, METERED, LIMITED = "panda, no meter", "panda", "panda, with limits"

WITHOUT = """\
import sys
from panda_addon import inspection, stream
from panda_addon.meter.account import Account, Charge
from panda_addon.transcript import Transcript

Account.ask = lambda *_arguments, **_named: None
Account.charge = lambda *_arguments, **_named: Charge()
Transcript.add = lambda *_arguments: None
inspection.demand = lambda *_arguments: None
inspection.CostLimit = lambda *_arguments: (lambda *_: ())
inspection.prompt_tokens = lambda *_arguments: ()

from panda_addon.cli.run import run
sys.exit(run(sys.argv[1:]))
"""


def limits() -> dict[str, object]:
    """Limits that the calls keep, and that cannot be told from bounds."""
    texts = [line for line in benchmark.CHAT.splitlines() if line]
    exact, (least, most) = count(texts, "o200k_base"), bounds(texts)
    if not least <= exact < most:
        raise RuntimeError("the bounds decide")
    return {"prompt_tokens": exact, "request_cost_usd": 0.001}


def starter(redacts: bool) -> Callable[[ExitStack, Path], list[Proxy]]:  # noqa: FBT001 which of two policies
    """What starts the three proxies, each to end with the stack."""

    def start(stack: ExitStack, folder: Path) -> list[Proxy]:
        authority = write_certificate(folder)
        policy = stream_benchmark.redacting(folder) if redacts else write_policy(folder, PROSE)
        limited = yaml.safe_load(policy.read_text())
        limited["policies"][0]["limits"] = limits()
        (folder / "limited.yaml").write_text(yaml.safe_dump(limited))
        (folder / "without.py").write_text(WITHOUT)
        commands = {
            BARE: (["python", str(folder / "without.py")], policy),
            METERED: (["panda", "run"], policy),
            LIMITED: (["panda", "run"], folder / "limited.yaml"),
        }
        proxies = []
        for name, (command, file) in commands.items():
            audit = folder / f"audit-{len(proxies)}.jsonl"
            settings = {
                "confdir": folder,
                "ssl_verify_upstream_trusted_ca": authority,
                "panda_policy": file,
                "panda_audit": audit,
            }
            given = [f"--set={setting}={value}" for setting, value in settings.items()]
            pid, port = stack.enter_context(started([*command, *given], folder / f"output-{len(proxies)}"))
            proxies.append(Proxy(name, pid, port, folder / "mitmproxy-ca-cert.pem", audit))
        return proxies

    return start


def main() -> None:
    """Measure and print. Raises RuntimeError, OSError and EOFError if the numbers could not be believed."""
    parser = argparse.ArgumentParser(description="What metering costs, as ratios to the same proxy without it.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1, help="of each proxy in each round")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends, what was written goes
    with tempfile.TemporaryDirectory(prefix="panda-bench-") as folder:
        calls = benchmark.measure(Path(folder), options.rounds, options.seconds, [1, 16], starter(redacts=False))
    with tempfile.TemporaryDirectory(prefix="panda-bench-") as folder:
        cases = [(kind, mode, 16) for kind in ("chat", "responses") for mode in ("single", "joined")]
        start = starter(redacts=True)
        streams = asyncio.run(stream_benchmark.measure(Path(folder), options.rounds, options.seconds, cases, start))
    sys.stdout.write(f"calls\n{benchmark.table(benchmark.compare(calls, BARE), BARE)}\n\n")
    sys.stdout.write(f"streams\n{stream_benchmark.table(stream_benchmark.compare(streams, BARE), BARE)}\n")


if __name__ == "__main__":
    main()
