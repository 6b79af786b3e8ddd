"""weiduan reports, weiduan categories"""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from weiduan.systems.governance.categories.actions import load_categories, read_csv
from weiduan.systems.governance.categories.queries import offered
from weiduan.systems.governance.reports.reporting import destroy_keys_left_over, erase_contacts, erase_old_words, lapse
from weiduan.systems.governance.reports.search import index_all

from .saying import say
from .setting_up import CONSOLE, now, ready_database


@click.group()
def reports() -> None:
    """问题上报 / matters residents tell"""


@reports.command()
def tidy() -> None:
    """答复满 7 天无回音的结案；到期的联系方式和内容删除 / close what got no word for a week, erase contacts and words that are due."""
    ready_database()
    at = now()
    click.echo(
        f"已结案 {lapse(at=at)} 件，已删除 {erase_contacts(at=at)} 件的联系方式、{erase_old_words(at=at)} 件的内容。"
    )
    destroy_keys_left_over(at=at)


@reports.command()
def reindex() -> None:
    """重建检索（恢复备份后运行一次） / make the search index anew, once after a backup was restored."""
    ready_database()
    say(f"已为 {index_all()} 件建立检索。")


@click.group()
def categories() -> None:
    """问题类别 / what can be reported"""


@categories.command("list")
def list_categories() -> None:
    """现在可选的类别 / the categories that can be chosen."""
    ready_database()
    table = Table()
    for title in ("编码", "大类", "名称", "先由谁办", "工作小时"):
        table.add_column(title)
    for group in offered():
        for one in group.choices:
            table.add_row(one.code, group.heading.name, one.name, one.level, str(one.hours))
    Console().print(table)


@categories.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--close-others", is_flag=True, help="表里没有的不再可选 / what isn't in the file can't be chosen any more"
)
def load(file: Path, close_others: bool) -> None:
    """从 CSV 读入类别（列：code、name，可有 parent、synonyms、level、hours）/ take in categories from a CSV."""
    ready_database()
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException("文件不是 UTF-8 编码，请另存为 UTF-8 的 CSV。 Save the file as UTF-8.") from error
    counts = load_categories(read_csv(text), close_others=close_others, by=CONSOLE, at=now())
    say(f"✓ 新增 {counts['new']}，改动 {counts['changed']}，停用 {counts['closed']}")


COMMANDS = [reports, categories]
