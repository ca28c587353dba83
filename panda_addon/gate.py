"""The gate: what all calls share. Each gets an `Inspection` of its own. Knows nothing of mitmproxy."""

import logging
import time
from typing import Any

from panda_addon.audit.errors import describe
from panda_addon.audit.ids import new_id
from panda_addon.audit.log import AuditLog
from panda_addon.audit.record import timestamp
from panda_addon.call import Call
from panda_addon.inspection import Inspection
from panda_addon.meter.account import Booked
from panda_addon.policy.errors import PolicyError
from panda_addon.policy.model import Ruleset

logger = logging.getLogger(__name__)


class Gate:
    """What all calls share: the rules in force, the log, and what was billed already."""

    def __init__(self, ruleset: Ruleset, log: AuditLog) -> None:
        self.ruleset = ruleset
        self.log = log
        self.booked = Booked()

    def open(self, call: Call) -> Inspection:
        """Begin the inspection of a call, under the rules in force now."""
        return Inspection(self.ruleset, self.log, call, self.booked)

    def adopt(self, found: Ruleset | PolicyError, file: str) -> None:
        """Swap the rules for new ones, whole, or keep them if the new ones cannot be used; say so in both logs."""
        members: dict[str, Any] = {"time": timestamp(time.time()), "policy_file": file}
        if isinstance(found, PolicyError):
            logger.error("the changed policy cannot be used, the last good one stays:\n%s", found)
            problems = [str(problem) for problem in found.problems]
            self.log.write("policy_rejected", {**members, "revision": self.ruleset.revision, "problems": problems})
        else:
            logger.warning("policy reloaded: %s", found.revision)
            self.ruleset = found
            self.log.write("policy_reloaded", {**members, "revision": found.revision})

    def cut_off(self, error: BaseException) -> None:
        """Record a call that was ended before it could be opened."""
        now = time.time()
        members = {"time": timestamp(now), "id": new_id(now), "decision": "error", "error": describe(error, "request")}
        self.log.write("exchange", members)
