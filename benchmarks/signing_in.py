"""How long a refused sign-in takes for an account that exists and for a name nobody has, with the hasher people use.

    python benchmarks/signing_in.py [tries]

Prints the median of each and their difference; somebody who guesses names learns nothing from it below some ten milliseconds.
The lock is switched off for the measuring, or the sixth try would be refused unlooked-at.
"""

import os
import statistics
import sys
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weiduan.config.settings.embedded")
os.environ.setdefault("WEIDUAN_HOME", tempfile.mkdtemp(prefix="weiduan-benchmark-"))


def main(tries: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from weiduan.doors.console.setting_up import now, ready_database
    from weiduan.ground.accounts.actions import open_account

    settings.ACCOUNT_RATE_LIMITS = False
    ready_database()
    open_account(
        username="wang", password="a password for measuring", title="", by="benchmark", at=now(), must_change=False
    )
    client = Client()
    times: dict[str, list[float]] = {"wang": [], "nobody": []}
    for _ in range(tries):
        for name, taken in times.items():
            begun = time.perf_counter()
            client.post("/accounts/login/", {"login": name, "password": "wrong"})
            taken.append(time.perf_counter() - begun)
    medians = {name: statistics.median(taken) * 1000 for name, taken in times.items()}
    print(f"{tries} tries each, {settings.PASSWORD_HASHERS[0].rsplit('.', 1)[1]}")
    for name, median in medians.items():
        print(f"{name:8} median {median:8.1f} ms")
    print(f"difference {abs(medians['wang'] - medians['nobody']):.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
