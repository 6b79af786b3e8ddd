"""A load that is cut off, at whatever moment and however hard, leaves what was there before, whole."""

import os
import pty
import random
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path

from tests.faults.conftest import SECOND
from tests.faults.installation import WEIDUAN, Installation, finish
from weiduan.outlook.demo.generate import Demo
from weiduan.outlook.survey.workbook import write_workbook

KILLS = 8


def times_of_steps(installation: Installation, arguments: list) -> list[float]:
    """Load to the end; return after how many seconds each line came, from the beginning of the load on."""
    process, came = installation.start("load", *arguments), []
    assert process.stdout is not None
    for _line in process.stdout:
        came.append(time.monotonic())
    finish(process)
    return [moment - came[0] for moment in came]


def kill_in(installation: Installation, arguments: list, step: int, wait: float) -> None:
    """Load, and kill the process so many seconds after a step began."""
    process = installation.start("load", *arguments)
    assert process.stdout is not None
    for _line in range(step + 1):
        process.stdout.readline()
    time.sleep(wait)
    process.kill()
    process.communicate()


def verify(installation: Installation) -> None:
    done = subprocess.run([WEIDUAN, "ledger", "verify"], env=installation.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_killed_at_any_moment_the_load_leaves_the_old_state_whole(surveyed):
    installation, arguments = surveyed()
    starts = times_of_steps(installation, arguments)
    lengths = [end - start for start, end in pairwise(starts)]
    chance = random.Random(2018)
    installation, arguments = surveyed()
    before, left_whole = installation.content(), 0

    for kill in range(KILLS):
        step = kill % len(lengths)
        kill_in(installation, arguments, step, chance.uniform(0, 0.9) * lengths[step])
        if installation.content() == before:
            left_whole += 1
        else:  # the commit came first: then all of it is there
            verify(installation)
            assert installation.run("load", *arguments)[-1] == "untouched"
            installation, arguments = surveyed()
            before = installation.content()

    assert left_whole >= KILLS // 2
    assert installation.run("load", *arguments)[-1] == "changed"
    assert installation.content() != before
    assert installation.run("load", *arguments)[-1] == "untouched"
    verify(installation)


def test_ctrl_c_says_so_plainly_and_leaves_everything_as_it_was(surveyed, second: Demo):
    installation, _arguments = surveyed()
    file = installation.home / "survey.xlsx"
    write_workbook(file, second.rows, area="519901000000", area_name="示例区", on=SECOND)
    before = installation.content()

    for waiting_for in ("检查", "载入"):
        code, said = interrupted(installation, file, waiting_for)
        assert code == 130
        assert "已停下，数据保持原样" in said
        assert "Traceback" not in said
        assert installation.content() == before


def heed_ctrl_c() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, and children inherit that: tests may run so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(installation: Installation, file: Path, waiting_for: str) -> tuple[int, str]:
    """Load in a terminal and press Ctrl-C once the progress bar shows some words; return exit code and screen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [WEIDUAN, "survey", "load", str(file)], env=installation.environment | {"COLUMNS": "120"}, start_new_session=True,
        stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, preexec_fn=heed_ctrl_c,
    )  # fmt: skip
    os.close(theirs)
    screen, pressed = b"", False
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the terminal is closed
            break
        if not piece:
            break
        screen += piece
        if not pressed and waiting_for in screen.decode(errors="replace"):
            pressed = True
            os.killpg(process.pid, signal.SIGINT)
    os.close(ours)
    return process.wait(), screen.decode(errors="replace")
