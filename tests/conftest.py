"""Settings of all property tests: none of them fails because the machine is slow.

A run by hand tries other examples each time; `steady` tries the same, so that its outcome is the code's alone.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("patient"), derandomize=True)
settings.load_profile("patient")
