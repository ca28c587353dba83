"""Large bodies are judged, and long texts counted, in threads beside the event loop, so that no other call waits for them.

Only whole bodies are. mitmproxy's stream callables cannot wait for a thread: pieces of streams are judged in the loop,
and each is small. A thread touches nothing but its own inspection: the log and the flow are the loop's.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

from panda_addon.call import Outcome
from panda_addon.inspection import Ended, Inspection
from panda_addon.meter import prices, tokens
from panda_addon.meter.models import DEFAULT
from panda_addon.wire.encodings import larger

# What is judged within some tens of milliseconds is not worth a thread.
LARGE = 32 << 10

# As many characters are counted within a millisecond, or some ten if they are hostile.
_SHORT = 16 << 10

# One large body must not wait for another, and there is little to gain from more: they share the interpreter.
_THREADS = 2

# How long a thread runs before another has its turn. A small call takes a dozen turns; at Python's five milliseconds
# it would take thirty times as long beside a thread as without, at one it takes three times as long.
_TURN_SECONDS = 0.001


class Workers:
    """The threads, and the calls that they are at."""

    def __init__(self) -> None:
        sys.setswitchinterval(_TURN_SECONDS)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="panda")
        # By the id of the inspection: how a call has ended that a thread is at.
        self._ended: dict[str, Ended | None] = {}
        # Calls that are over and are counted now, before they are recorded.
        self._counting: dict[str, tuple[Inspection, Ended, Future[None]]] = {}
        self._finished = False

    def prepare(self) -> None:
        """Load what the first call would wait for otherwise, and all calls with it: prices, and a vocabulary."""
        self._pool.submit(prices.warm)
        # Whoever counts by what cannot be loaded will say so, or estimates.
        self._pool.submit(tokens.warm, [DEFAULT])

    async def judge(self, opened: Inspection, step: Callable[[bytes], Outcome], body: bytes, codings: str) -> Outcome:
        """What a step of an inspection says of a body: at once, or when a thread is done with it.

        By then the call may have ended; if so it is recorded, and its outcome is nobody's.
        """
        if not larger(body, codings, LARGE):
            return step(body)
        self._ended[opened.id] = None
        # Nobody waits for what becomes of a call that ended before its turn.
        work = self._pool.submit(lambda: None if self._ended[opened.id] else step(body))
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            self._abandon(opened, work)
            raise
        finally:
            ended = self._ended.pop(opened.id)
            if ended is not None:
                opened.keep_back()
                opened.end(ended)

    def end(self, opened: Inspection, ended: Ended) -> Outcome:
        """Record a call; one that a thread is at when the thread is done, for until then half of it is known.

        One that has to be counted first is counted in a thread, if it is long.
        """
        if opened.id in self._ended:
            self._ended[opened.id] = self._ended[opened.id] or ended
        elif opened.id in self._counting:
            # It has ended already.
            pass
        elif not self._finished and opened.to_count(ended) > _SHORT:
            self._count(opened, ended)
        else:
            return opened.end(ended)
        return None

    def finish(self) -> None:
        """Record what is still being counted, and count nothing beside the loop from now on: the process ends."""
        self._finished = True
        for opened, ended, work in tuple(self._counting.values()):
            wait([work])
            opened.end(ended)
        self._counting.clear()

    def _count(self, opened: Inspection, ended: Ended) -> None:
        loop = asyncio.get_running_loop()
        work = self._pool.submit(opened.count)
        self._counting[opened.id] = opened, ended, work

        def record() -> None:
            if self._counting.pop(opened.id, None):
                opened.end(ended)

        def done(_work: Future[None]) -> None:
            # A loop that is closed by then has been waited for.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(record)

        work.add_done_callback(done)

    def _abandon(self, opened: Inspection, work: Future[Outcome]) -> None:
        """Have done with a call whose hook was cancelled, as all are when the process ends."""
        self.end(opened, "proxy_stopped")
        if not work.cancel():
            # The interpreter would wait for the thread in any case, but not write the record then.
            wait([work])
