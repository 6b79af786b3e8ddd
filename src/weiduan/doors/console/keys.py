"""weiduan keys: which keys seal names and contacts, a new one, and giving up an old one."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from weiduan.ground.base.rotation import keys_used, may_retire, reseal_all
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.systems.organisation.members.actions import renew_indexes

from .setting_up import CONSOLE, now, ready_database


@click.group()
def keys() -> None:
    """密封字段的密钥 / keys that seal names and contacts"""


@keys.command("list")
def list_keys() -> None:
    """各密钥封着多少个值 / how many values each key seals."""
    ready_database()
    used, table = keys_used(), Table()
    for title in ("密钥", "封着", ""):
        table.add_column(title)
    for name in sorted(set(used) | set(settings.SEALED_KEYS)):
        state = "在用" if name == settings.SEALED_KEY_IN_USE else "" if name in settings.SEALED_KEYS else "✗ 没有安装"
        table.add_row(name, str(used[name]), state)
    Console().print(table)


@keys.command()
@click.option("--new-key", is_flag=True, help="先生成一把新密钥（嵌入式） / draw a new key first (embedded)")
@click.option(
    "--new-index-key", is_flag=True,
    help="另生成一把查找电话用的密钥（嵌入式） / draw the key telephones are found by anew, too (embedded)",
)  # fmt: skip
def rotate(new_key: bool, new_index_key: bool) -> None:
    """用在用的密钥重新密封一切；随时可停，再运行接着做 / seal all anew with the key in use; stop and go on at will."""
    ready_database()
    if new_key:
        click.echo(f"✓ 新密钥 {_add_key()}，从现在起用它密封")
    if new_index_key:
        _must_be_file()
        _write({"index": secrets.token_hex(32)})
    done = 0
    with Progress(transient=True) as bars:
        shown: dict[str, TaskID] = {}

        def tell(label: str, seen: int, total: int) -> None:
            shown.setdefault(label, bars.add_task(label, total=total))
            bars.update(shown[label], completed=seen)

        while more := reseal_all(tell):  # what others sealed with the old key meanwhile is left for the next round
            done += more
    found_anew = renew_indexes()
    record_many(
        [Deed("keys.rotated", "sealed", settings.SEALED_KEY_IN_USE, after={"rows": done, "indexes": found_anew})],
        by=CONSOLE, at=now(),
    )  # fmt: skip
    click.echo(f"✓ 重新密封 {done} 行；现在都用 {settings.SEALED_KEY_IN_USE}。旧密钥：weiduan keys retire …")
    if found_anew:
        click.echo(f"✓ {found_anew} 个电话改用新的查找密钥")


@keys.command()
@click.argument("key_id")
def retire(key_id: str) -> None:
    """销毁一把旧密钥；还有一个值用着它就拒绝 / destroy an old key; refused while one value uses it."""
    ready_database()
    may_retire(key_id)
    record_many([Deed("keys.retired", "sealed", key_id)], by=CONSOLE, at=now())
    if not _is_file():
        click.echo(f"✓ 没有任何值用 {key_id}：请从 WEIDUAN_SEALED_KEYS 里删去它并重启。此前的备份仍要用它打开")
        return
    _write({"seal": {name: value for name, value in _own()["seal"].items() if name != key_id}})
    click.echo(f"✓ {key_id} 已销毁。此前的备份里的姓名和电话只有那时的密钥拷贝才打得开：现在再做一次备份")


def _is_file() -> bool:
    return getattr(settings, "SEALED_KEYS_FILE", None) is not None


def _own() -> dict:
    return json.loads(settings.SEALED_KEYS_FILE.read_text())


def _add_key() -> str:
    """Add a key to the file, at its end: the last one seals. Processes that run take it up before they seal again."""
    _must_be_file()
    known = _own()["seal"]
    name = f"k{1 + max(int(each[1:]) if each[1:].isdigit() else 0 for each in known)}"
    _write({"seal": known | {name: secrets.token_hex(32)}})
    return name


def _must_be_file() -> None:
    if not _is_file():
        raise click.ClickException(
            "生产环境的密钥在环境变量里：先在 WEIDUAN_SEALED_KEYS 里加一把并重启各进程，再改 WEIDUAN_SEALED_KEY_IN_USE 并重启，"
            "然后运行 weiduan keys rotate；查找电话的密钥是 WEIDUAN_SEALED_INDEX_KEY，"
            "改后重启再运行。 In production keys come from the environment: see docs/deploy.md."
        )


def _write(changed: dict[str, Any]) -> None:
    """Write the file anew, whole: whoever reads it sees the old or the new one."""
    path: Path = settings.SEALED_KEYS_FILE
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    content = json.dumps(_own() | changed)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


COMMANDS = [keys]
