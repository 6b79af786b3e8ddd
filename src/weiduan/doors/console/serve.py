"""weiduan serve, weiduan worker"""

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
from django.conf import settings
from django.core.management import call_command
from django.db import Error, OperationalError, close_old_connections, connection

from weiduan.doors import health

from . import clock
from .demo import load
from .setting_up import ready_database

log = logging.getLogger("weiduan.worker")
AGAIN_AFTER_S = 1.0
ENDS_WITHIN_S = 5  # what is being answered is answered; pages that only wait for changes are cut off and connect anew


def _is_free(host: str, port: int) -> bool:
    """granian shares a port with a stale server without a word, so ask first."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _tell(host: str, port: int) -> None:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    click.echo(f"居民 / residents   http://{shown}:{port}/")
    click.echo(f"工作台 / desk      http://{shown}:{port}/desk/")
    accounts = settings.HOME / "demo-accounts.json"
    if accounts.exists():
        click.echo("演示账号 / demo accounts:")
        for account in json.loads(accounts.read_text()):
            click.echo(f"  {account['username']:<10} {account['password']}   {account['title']}")
    click.echo("Ctrl-C 停止 / stops")


@click.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="端口 / port")
@click.option("--host", default="127.0.0.1", help="监听地址 / address to listen on")
@click.option("--workers", type=click.IntRange(1, 64), default=2, help="进程数 / processes")
@click.option("--demo", is_flag=True, help="空库先载入演示数据 / load the demo first where there is nothing")
def serve(port: int, host: str, workers: int, demo: bool) -> None:
    """在前台提供网页 / serve the pages in the foreground."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    if not _is_free(host, port):
        raise click.ClickException(
            f"{port} 端口已被占用，换一个：weiduan serve --port {port + 1}。 Port {port} is taken: choose another."
        )
    _share_figures()
    _wait_for_the_database()
    if demo:
        load(None, once=True)
    _collect_files()
    _let_go_of_the_database()
    # It warns of more threads than cores can use; most of ours only wait for something to change.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    health.beat()  # the worker is only just starting
    with _worker_kept_running():
        _tell(host, port)
        Server(
            "weiduan.config.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
            blocking_threads=4 + settings.LIVE_STREAMS, websockets=False, log_level=LogLevels.warning, respawn_failed_workers=True,
            workers_kill_timeout=ENDS_WITHIN_S,
        ).serve()  # fmt: skip


def _collect_files() -> None:
    """Lay out the pages' own files with a compressed copy each, which the web processes then send."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    settings.WHITENOISE_USE_FINDERS = False


def _share_figures() -> None:
    """Let the web processes count requests together, where somebody asks for the figures; before anything else reads the variable."""
    if settings.METRICS_TOKEN:
        shutil.rmtree(settings.METRICS_FOLDER, ignore_errors=True)
        settings.METRICS_FOLDER.mkdir(parents=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_FOLDER)


def _wait_for_the_database() -> None:
    """Begin once the database is there: after a power cut both start at once, and another server may be taking over."""
    while True:
        try:
            return ready_database()
        except OperationalError:
            if connection.vendor != "postgresql":
                raise
            click.echo("等待数据库…… waiting for the database", err=True)
            connection.close()
            time.sleep(AGAIN_AFTER_S)


def _let_go_of_the_database() -> None:
    """Close what was opened so far: web processes are forked from this one, and two can't talk over one connection."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]


@contextmanager
def _worker_kept_running() -> Iterator[None]:
    """Run the worker beside the server; one that is killed, or falls over, is started again."""
    ending, now_running = threading.Event(), threading.Lock()
    worker = _started_worker()

    def watch() -> None:
        nonlocal worker
        while not ending.is_set():
            worker.wait()
            if ending.wait(AGAIN_AFTER_S):
                return
            with now_running:
                if not ending.is_set():
                    worker = _started_worker()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with now_running:
            ending.set()
        worker.terminate()
        worker.wait(timeout=20)


def _started_worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "weiduan", "worker", "--until-stdin-ends"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


@click.command("worker")
@click.option("--until-stdin-ends", "tied", is_flag=True, hidden=True)
def worker(tied: bool) -> None:
    """处理排队的长任务，并按时做到期的事 / work through queued long tasks, and do what falls due."""
    if tied:  # the server that started us may be killed; then nobody else would stop us
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    threading.Thread(target=_beat_for_ever, name="beat", daemon=True).start()
    clock.start()
    while True:
        try:
            call_command("db_worker", interval=0.5, batch=False, verbosity=0)
        except Error as error:  # the database is away; it comes back
            log.error("%s", type(error).__name__)
            close_old_connections()
            time.sleep(AGAIN_AFTER_S)
        else:
            return


def _beat_for_ever() -> None:
    """Give a sign of life again and again; pages say what waits while there is none."""
    while True:
        with suppress(OSError):  # a full disk
            health.beat()
        time.sleep(health.BEATS_EVERY_S)


def _end_with_stdin() -> None:
    """Wait for the other end of the pipe to close, then end; a task under way is rolled back whole."""
    while os.read(0, 1024):  # not through sys.stdin, whose lock would be held while Python ends
        pass
    os._exit(0)


COMMANDS = [serve, worker]
