"""Inside the installation of scope.py: a small district with many reports, and pages asked with the limit and without."""

import time
from statistics import median
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client


def compared(reports: int, requests: int, pages: list[str]) -> list[tuple[str, str, float, float]]:
    """Return who asked which page, and the median in milliseconds without the limit and with it."""
    from weiduan.doors import scoping
    from weiduan.ground.accounts.models import User

    _fill(reports)
    settings.TWO_FACTORS_REQUIRED = False  # the accounts of the demo have a password alone
    found = []
    for who in ("village", "district"):
        client = Client(headers={"X-Forwarded-Proto": "https"})
        client.force_login(User.objects.get(username=who))
        for page in pages:
            bare, locked = [], []
            for _each in range(requests):
                with mock.patch.object(scoping, "limit_to", lambda _prefixes: None):
                    bare.append(_asked(client, page))
                locked.append(_asked(client, page))
            found.append((who, page, median(bare[1:]), median(locked[1:])))
    return found


def _asked(client: Client, page: str) -> float:
    began = time.perf_counter()
    assert client.get(page).status_code == 200
    return (time.perf_counter() - began) * 1000


def _fill(reports: int) -> None:
    from reports_within import grow_to

    from weiduan.doors.console import main

    call_command("migrate", verbosity=0)
    main._register()
    main.weiduan(["demo", "--scale", "0.05"], standalone_mode=False)
    grow_to(reports)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
