"""What the child processes of the parallel answers do; started as `python -m tests.faults.answering JOB …`."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django

django.setup()

from django.db import connection  # noqa: E402

from tests.systems.organisation.moving import day, members_of, moment, the, two_villages  # noqa: E402
from weiduan.ground.base.errors import Refused  # noqa: E402
from weiduan.systems.organisation.transfers.actions import accept, ask, return_  # noqa: E402
from weiduan.systems.organisation.transfers.rules import Reason  # noqa: E402


def prepare() -> None:
    """Make two villages and a transfer between them; print its key."""
    two_villages()
    transfer = ask(
        members_of("X1")[1], receiver=the("Y1"), reason=Reason.WORK, on=day(5), by="test", at=moment(5)
    )  # fmt: skip
    print(transfer.pk)


def answer(key: str, threads: str) -> None:
    """Click accept and return from so many threads at one moment; print what took effect."""
    together = Barrier(int(threads))

    def click(thread: int) -> str:
        connection.ensure_connection()
        together.wait()
        try:
            if thread % 2:
                accept(key, on=day(9), by="test", at=moment(9))
                return "accepted"
            return_(key, "不收", on=day(9), by="test", at=moment(9))
            return "returned"
        except Refused:
            return "refused"
        finally:
            connection.close()

    print("begun")
    with ThreadPoolExecutor(int(threads)) as pool:
        print(" ".join(pool.map(click, range(int(threads)))))


if __name__ == "__main__":
    {"prepare": prepare, "answer": answer}[sys.argv[1]](*sys.argv[2:])
