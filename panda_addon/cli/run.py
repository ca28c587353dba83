"""`panda run`: the production door. mitmproxy's own command line in front of a lean master with safe options.

Stock mitmdump runs some thirty addons for every event of every call. This runs the few that a headless policy proxy
needs, finds their hooks once instead of at every event, and has no script reloader: that drops the policy on a syntax
error.
"""

import functools
import inspect
import logging
import sys
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mitmproxy import ctx, exceptions, hooks
from mitmproxy.addonmanager import AddonManager, traverse
from mitmproxy.addons import (
    block,
    core,
    disable_h2c,
    errorcheck,
    next_layer,
    proxyauth,
    proxyserver,
    termlog,
    tlsconfig,
    upstream_auth,
)
from mitmproxy.master import Master
from mitmproxy.options import Options
from mitmproxy.tools import cmdline, dump
from mitmproxy.tools import main as mitmproxy_main

from panda_addon.cli.clients import environment
from panda_addon.cli.lean import lighten
from panda_addon.hooks import PandaAddon

# Set before the command line is read: what a user sets there wins, unless the addon refuses it as unsafe.
DEFAULTS: dict[str, Any] = {
    "rawtcp": False,
    "listen_host": "127.0.0.1",
    # Bounds what one message may hold in memory. Panda answers smaller excesses itself, in OpenAI's words.
    "body_size_limit": "100m",
    # Reasoning models think for longer than mitmproxy's ten minutes.
    "tcp_timeout": 3600,
}


logger = logging.getLogger(__name__)


class Dispatcher(AddonManager):
    """An addon manager that looks for an event's hooks once, not at every event."""

    def __init__(self, master: Master) -> None:
        super().__init__(master)
        self._found: dict[str, list[Callable[..., Any]]] = {}

    def add(self, *addons: object) -> None:
        """Add addons to the end of the chain."""
        self._found.clear()
        super().add(*addons)

    def remove(self, addon: object) -> None:
        """Take an addon out of the chain."""
        self._found.clear()
        super().remove(addon)

    async def trigger_event(self, event: hooks.Hook) -> None:
        """Call every hook there is for an event, in order; an addon may halt the rest."""
        found = self._found.get(event.name)
        if found is None:
            every = (getattr(addon, event.name, None) for addon in traverse(self.chain))
            found = self._found[event.name] = [hook for hook in every if callable(hook)]
        if not found:
            return
        arguments = event.args()
        for hook in found:
            try:
                result = hook(*arguments)
                if result is not None and inspect.isawaitable(result):
                    await result
            except exceptions.AddonHalt:
                return
            except exceptions.OptionsError:
                raise
            except Exception:
                logger.exception("error in an addon at %s", event.name)


class _Draining(Master):
    """A master that lets running calls end before it does. Told to stop once more, it does not wait."""

    def shutdown(self) -> None:
        """Stop; in the middle of stopping, at once."""
        if self.should_exit.is_set():
            _addon(self).hurry()
        super().shutdown()

    async def done(self) -> None:
        """Wait for running calls, then take leave of the addons."""
        await _addon(self).drain()
        await super().done()


class LeanMaster(_Draining):
    """The addons a headless policy proxy needs, and no more. Logs go to standard error."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        lighten()
        self.addons = Dispatcher(self)
        log = termlog.TermLog(sys.stderr)
        self._termlog_addon = log
        self.addons.add(
            log,
            core.Core(),
            block.Block(),
            disable_h2c.DisableH2C(),
            proxyauth.ProxyAuth(),
            proxyserver.Proxyserver(),
            next_layer.NextLayer(),
            tlsconfig.TlsConfig(),
            upstream_auth.UpstreamAuth(),
            PandaAddon(),
            errorcheck.ErrorCheck(),
        )
        options.update(**DEFAULTS, termlog_verbosity="warn")

    async def running(self) -> None:
        """Say where it listens and what clients need; then log no more than was asked for."""
        await super().running()
        _greet(self)
        logging.getLogger().setLevel(self.options.termlog_verbosity.upper())


class FullMaster(_Draining, dump.DumpMaster):
    """Every addon of stock mitmdump, and Panda behind them."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.addons.add(PandaAddon())
        options.update(**DEFAULTS, onboarding=False)

    async def running(self) -> None:
        """Say where it listens and what clients need."""
        await super().running()
        _greet(self)


def run(arguments: Sequence[str]) -> int:
    """Start the proxy and stay until it is told to stop. The exit status is mitmproxy's."""
    if "--full" in arguments:
        rest = [argument for argument in arguments if argument != "--full"]
        mitmproxy_main.run(FullMaster, cmdline.mitmdump, rest, functools.partial(_refuse_rest, "panda_"))
    else:
        mitmproxy_main.run(LeanMaster, _lean_parser, arguments, functools.partial(_refuse_rest, ""))
    return 0


def _addon(master: Master) -> PandaAddon:
    return next(addon for addon in traverse(master.addons.chain) if isinstance(addon, PandaAddon))


def _refuse_rest(prefix: str, parsed: Namespace) -> dict[str, Any]:
    """End the start if anything on the command line would be ignored: words, or options that start with `prefix`."""
    if parsed.filter_args:
        raise exceptions.OptionsError(f"panda run takes options only, not {' '.join(parsed.filter_args)!r}")
    unknown = ", ".join(name for name in ctx.options.deferred if name.startswith(prefix))
    if unknown:
        raise exceptions.OptionsError(f"no such option, or one of an addon that needs --full: {unknown}")
    return {}


class _Recorder:
    """Stands in for mitmproxy's options to learn which of them the command line has flags for."""

    def __init__(self) -> None:
        self.names: dict[str, str | None] = {}

    def make_parser(self, _parser: object, name: str, metavar: str | None = None, short: str | None = None) -> None:
        del metavar
        self.names[name] = short


def _lean_parser(options: Options) -> ArgumentParser:
    """mitmdump's command line, on which an option of an addon that is left out says so."""
    parser: ArgumentParser = cmdline.mitmdump(options)
    parser.prog = "panda run"
    recorder = _Recorder()
    cmdline.mitmdump(recorder)
    for name, short in recorder.names.items():
        if name not in options:
            flags = [f"--{name.replace('_', '-')}", f"--no-{name.replace('_', '-')}", *([f"-{short}"] if short else [])]
            parser.add_argument(*flags, action=_left_out(parser, name), nargs="?", help="needs --full")
    return parser


def _left_out(parser: ArgumentParser, name: str) -> type[Action]:
    class LeftOut(Action):
        def __call__(self, *_arguments: object, **_named: object) -> None:
            parser.error(f"the addon behind '{name}' is left out of panda run; add --full to bring every addon back")

    return LeftOut


def _greet(master: Master) -> None:
    server = master.addons.get("proxyserver")
    lines = [f"panda: listening at {host}:{port}" for host, port, *_ in server.listen_addrs()]
    regular = any(mode == "regular" or mode.startswith("regular@") for mode in master.options.mode)
    if regular and server.listen_addrs():
        _, port, *_ = server.listen_addrs()[0]
        host = master.options.listen_host or "127.0.0.1"
        lines += [
            "panda: a client needs:",
            *environment(f"http://{host}:{port}", Path(master.options.confdir).expanduser()),
        ]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
