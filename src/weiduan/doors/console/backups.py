"""weiduan backup, backup-keys, restore, restore-keys, drill: what must come back after a machine is lost."""

import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import click
from django.conf import settings
from django.db import connection
from django.utils import timezone

from weiduan.ground.backups import chest, restoring, taking
from weiduan.ground.backups import log as log_of_server
from weiduan.ground.backups.drill import age_of_newest
from weiduan.ground.backups.drill import drill as do_drill
from weiduan.systems.governance.reports.search import index_all

from .erasing_again import erase_again
from .setting_up import now, ready_database

FOLDER = click.argument("folder", type=click.Path(path_type=Path))
KEY = click.option(
    "--key", "key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="备份密钥的私钥文件 / the private half of the key for backups",
)  # fmt: skip


class Moment(click.ParamType):
    """A moment written 2026-11-30 10:00:00, in the time of the place unless an offset is given."""

    name = "moment"

    def convert(self, value, param, ctx) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            told = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} 不是时刻，请写成 2026-11-30 10:00:00 的样子 / write it as 2026-11-30 10:00:00", param, ctx
            )
        return told if told.tzinfo else timezone.make_aware(told)


@click.command("backup-key")
@click.argument("private", type=click.Path(exists=False, path_type=Path))
def backup_key(private: Path) -> None:
    """生成备份密钥：私钥写到给定文件，请移到别处；公钥留在本机 / make a key: keep its private half elsewhere."""
    public = taking.public_key()
    if public.exists() or private.exists():
        raise click.ClickException(f"已有备份密钥：{public if public.exists() else private}。 There is a key already.")
    chest.new_key(private, public)
    click.echo(f"✓ 私钥 {private}：请移到另一台机器或打印保存，没有它任何备份都打不开。公钥 {public} 留在本机。")


@click.command("backup")
@FOLDER
@click.option(
    "--server", is_flag=True, help="PostgreSQL 整个服务器的基础备份，配合日志可恢复到任意时刻 / a base backup"
)
@click.option("--keep-days", type=click.IntRange(1), help="删除更早的同类备份 / delete older ones of this kind")
def backup(folder: Path, server: bool, keep_days: int | None) -> None:
    """备份数据库和文件，服务照常运行 / back up database and files while everybody works."""
    ready_database()
    if server and connection.vendor != "postgresql":
        raise click.ClickException("只有 PostgreSQL 有基础备份。 Only PostgreSQL has base backups.")
    at = now()
    made = (taking.back_up_server if server else taking.back_up)(folder, at=at)
    _clear_away(folder, taking.BASE if server else taking.BACKUP, keep_days, at)
    click.echo(f"✓ {made}（{made.stat().st_size / 1e6:.1f} MB）")


@click.command("backup-keys")
@FOLDER
@click.option(
    "--keep-days", type=click.IntRange(1, 30), default=7, help="删除更早的拷贝，默认 7 天 / delete older copies"
)
def backup_keys(folder: Path, keep_days: int) -> None:
    """拷贝密钥；只保留几天，过期即删，已删除的内容才真正无法恢复 / copy the keys, kept for days only."""
    ready_database()
    at = now()
    made = taking.back_up_keys(folder, at=at)
    _clear_away(folder, taking.KEYS, keep_days, at)
    click.echo(f"✓ {made}")


def _clear_away(folder: Path, kind: str, keep_days: int | None, at: datetime) -> None:
    if keep_days is not None and (gone := taking.clear_away(folder, kind, kept=timedelta(days=keep_days), at=at)):
        click.echo(f"  已删除更早的 {gone} 份")


@click.command("restore")
@FOLDER
@KEY
@click.option("--replace", is_flag=True, help="嵌入式：把现有数据库改名留存后恢复 / set aside what is there (embedded)")
@click.option(
    "--to", "to", type=Moment(), help="恢复到这一时刻（需要基础备份和日志） / to this moment, from a base backup"
)
@click.option(
    "--into", type=click.Path(path_type=Path), help="PostgreSQL 数据目录，须为空 / the server's folder, empty"
)
@click.option(
    "--log", type=click.Path(exists=True, file_okay=False, path_type=Path), help="日志所在 / where its log lies"
)
def restore(
    folder: Path, key_file: Path, replace: bool, to: datetime | None, into: Path | None, log: Path | None
) -> None:
    """恢复最新的完整备份，逐表逐文件核对；此后删除过的内容再次删除 / restore, check, and erase again what was erased since."""
    key = chest.read_private(key_file)
    if into is not None:
        if log is None:
            raise click.ClickException("请给出 --log。 Say with --log where its log lies.")
        used = restoring.restore_server(folder, key, into, to=to, log=log)
        click.echo(f"✓ {used.name} → {into}。启动 PostgreSQL 后它自行恢复到{f' {to}' if to else '日志末尾'}；随后在本系统上运行 "
                   "weiduan erase-again --since …")  # fmt: skip
        return
    if to is not None:
        raise click.ClickException("恢复到某一时刻还需要 --into 和 --log。 A moment needs --into and --log too.")
    done = restoring.restore(folder, key, replace=replace)
    click.echo(
        f"✓ 已恢复到 {timezone.localtime(done.at):%Y-%m-%d %H:%M:%S}：{done.rows} 行、{done.files} 个文件，与备份时一致"
    )
    ready_database()
    click.echo(f"  再次删除 {erase_again(at=now())} 项；检索重建 {index_all()} 件")


@click.command("restore-keys")
@FOLDER
@KEY
def restore_keys(folder: Path, key_file: Path) -> None:
    """取回密钥；已销毁的不会回来 / put keys back; destroyed ones stay destroyed."""
    click.echo(f"✓ 已取回 {restoring.restore_keys(folder, chest.read_private(key_file))} 把密钥")


@click.command("follow-log")
@FOLDER
@click.option("--seconds", type=click.FloatRange(1), default=10, help="多久封存一次，默认 10 秒 / how often it is kept")
def follow_log(folder: Path, seconds: float) -> None:
    """持续取走 PostgreSQL 的日志并加密存放（作为服务一直运行） / fetch PostgreSQL's log as it is written, and keep it sealed."""
    recipient = chest.read_public(taking.public_key())
    for _kept in log_of_server.follow(settings.HOME / "log-under-way", folder, recipient, every_s=seconds):
        pass


@click.command("erase-again")
@click.option("--since", type=Moment(), required=True, help="备份的时刻 / the moment of the backup")
def erase_once_more(since: datetime) -> None:
    """恢复到某一时刻之后：把此后删除过的内容再次删除 / erase again what had been erased since."""
    ready_database()
    restoring.must_erase(since)
    click.echo(f"✓ 再次删除 {erase_again(at=now())} 项；检索重建 {index_all()} 件")


@click.command("drill")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
def drill(folder: Path | None) -> None:
    """演练：备份、在别处恢复、逐表逐文件核对；有差异则退出码非零 / back up, restore elsewhere, compare.

    FOLDER 平时备份所在；给出时说明现在丢失机器会丢多少数据 / where backups lie: how much would be lost now.
    """
    ready_database()
    with tempfile.TemporaryDirectory(prefix=".drill-", dir=settings.HOME) as place:
        found = do_drill(Path(place), at=now())
    for wrong in found.wrong:
        click.echo(f"✗ {wrong}")
    if found.wrong:
        sys.exit(1)
    click.echo(f"✓ {found.rows} 行、{found.files} 个文件、台账全部一致")
    click.echo(f"  RTO 恢复用时 {found.restore_s:.1f} 秒（备份用时 {found.backup_s:.1f} 秒）")
    if folder is not None:
        click.echo(f"  RPO 此刻丢失机器会丢 {age_of_newest(folder, at=now()) / 60:.1f} 分钟内写下的数据")
    else:
        click.echo("  RPO 即两次备份的间隔；给出备份所在目录便可算出 / the time between two backups; name their folder")


COMMANDS = [backup_key, backup, backup_keys, restore, restore_keys, follow_log, erase_once_more, drill]
