"""A child process that works for this one: kept for the next question, killed when it overruns, replaced when it dies.

Not multiprocessing: that can't be used from a daemonic worker, imports the caller's main module again, and its pools
wait for ever for a worker that hangs. Here a question and its answer are two frames on two pipes.

A child may keep children of its own. None outlives its parent: an idle one reads the end of its pipe, a busy one is
told of it by the kernel.
"""

import atexit
import contextlib
import fcntl
import importlib
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO, Any

SERVE = "from weiduan.planning.apart import serve; serve()"
START_UP = 30.0  # seconds a child may take to start on a machine that is busy
_idle: deque["Worker"] = deque()


class Died(Exception):
    """The child crashed, was killed for overrunning, or raised; the message says which."""


class Raised(Died):
    """The function raised in the child: it was asked and answered, and would say the same again."""


class Worker:
    """One child process, asked one question at a time."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.started = time.perf_counter()
        self._used = False

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def ask(self, target: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        """Return what `target(*arguments)` returns in the child, or kill it after `seconds`.

        :raises Died: no answer came
        """
        allowed = seconds if self._used else seconds + START_UP
        overran = threading.Event()
        watch = threading.Timer(allowed, self._kill_for_overrunning, [overran])
        watch.daemon = True
        watch.start()
        try:
            answer = self._exchange(target, arguments, seconds)
        except (EOFError, OSError, pickle.UnpicklingError) as broken:
            self.end()
            raise Died(self._obituary(overran.is_set(), seconds)) from broken
        except BaseException:
            self.end()
            raise
        finally:
            watch.cancel()
        self._used = True
        return answer

    def _exchange(self, target: str, arguments: tuple[Any, ...], seconds: float) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        # Pickled by themselves: a child that can't make sense of them still knows how long it may take, and says so.
        write_frame(self._process.stdin, (target, pickle.dumps(arguments, protocol=5), seconds))
        return read_frame(self._process.stdout)

    def kill(self) -> None:
        """Kill it, from any thread; whoever waits for its answer gets Died."""
        self._process.kill()

    def _kill_for_overrunning(self, overran: threading.Event) -> None:
        overran.set()
        self._process.kill()

    def _obituary(self, overran: bool, seconds: float) -> str:
        if overran or self._process.returncode == -signal.SIGALRM:
            return f"killed: no answer within {seconds:.1f} s"
        return f"crashed: the child process ended with {self._process.returncode}"

    def end(self) -> None:
        """Kill it and take its remains away."""
        self._process.kill()
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close our ends of its pipes; a child that is idle ends by itself then."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def ask(target: str, *arguments: Any, seconds: float) -> Any:
    """Return what a function returns when a child process calls it; safe from several threads at once.

    target   "module:function"
    seconds  after this long the child is killed

    :raises Died: it crashed or overran
    :raises Raised: the function raised
    """
    worker = take()
    answer, wrong = worker.ask(target, arguments, seconds)
    give_back(worker)
    if wrong:
        raise Raised(f"raised: {wrong}")
    return answer


def take() -> Worker:
    """Return an idle worker, or a new one; the caller gives it back or ends it."""
    while True:
        try:
            worker = _idle.popleft()
        except IndexError:
            return Worker()
        if worker.alive:
            return worker
        worker.end()


def give_back(worker: Worker) -> None:
    """Keep a worker that has answered for whoever asks next."""
    _idle.append(worker)


def end_all() -> None:
    """End the workers that are idle."""
    with contextlib.suppress(IndexError):
        while True:
            _idle.popleft().end()


def _forget() -> None:
    """Let go of the parent's workers in a process that was forked: two masters would mix up their answers."""
    for worker in _idle:
        worker.let_go()
    _idle.clear()


atexit.register(end_all)
os.register_at_fork(after_in_child=_forget)


def serve() -> None:
    """Answer questions until there are no more: what the child process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a solver that prints would break the frames
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            target, arguments, seconds = read_frame(questions)
            with dying_with(questions), at_most(seconds):
                frame = _frame_of_answer(target, arguments)
            answers.write(frame)
            answers.flush()


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let the kernel end this process if the block overruns: hung native code would hold the interpreter."""
    signal.setitimer(signal.ITIMER_REAL, seconds + 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def dying_with(pipe: IO[bytes]) -> Iterator[None]:
    """Let the kernel end this process if the other side of an empty pipe goes away during the block.

    Not PR_SET_PDEATHSIG: that counts the thread that started us as our parent, and threads end before their process.
    """
    quiet = fcntl.fcntl(pipe, fcntl.F_GETFL)
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, quiet | os.O_ASYNC)  # SIGIO ends a process that does not handle it
    try:
        if select.select([pipe], [], [], 0)[0]:
            raise EOFError  # it went before the kernel was asked to tell
        yield
    finally:
        fcntl.fcntl(pipe, fcntl.F_SETFL, quiet)


def _frame_of_answer(target: str, arguments: bytes) -> bytes:
    """Return what travels back: an answer and no complaint, or None and what was raised, by pickling too."""
    try:
        return framed((function_named(target)(*pickle.loads(arguments)), ""))
    except Exception as wrong:
        return framed((None, complaint(wrong)))


def function_named(target: str) -> Callable[..., Any]:
    """Return the function that "module:function" names."""
    module, _, function = target.partition(":")
    return getattr(importlib.import_module(module), function)


def complaint(wrong: Exception) -> str:
    """Return "ValueError: what it says"."""
    return f"{type(wrong).__name__}: {wrong}"


def write_frame(pipe: IO[bytes], thing: Any) -> None:
    """Send one thing."""
    pipe.write(framed(thing))
    pipe.flush()


def framed(thing: Any) -> bytes:
    """Return one thing as it travels: the length of its pickle in 8 bytes, then its pickle."""
    body = pickle.dumps(thing, protocol=5)
    return struct.pack("<Q", len(body)) + body


def read_frame(pipe: IO[bytes]) -> Any:
    """Receive one thing.

    :raises EOFError: the other side is gone
    """
    head = pipe.read(8)
    if len(head) < 8:
        raise EOFError
    (length,) = struct.unpack("<Q", head)
    body = pipe.read(length)
    if len(body) < length:
        raise EOFError
    return pickle.loads(body)
