"""weiduan bookings"""

import click

from weiduan.systems.venues.bookings.deciding import erase_contacts

from .saying import say
from .setting_up import now, ready_database


@click.group()
def bookings() -> None:
    """场所预约 / bookings of rooms"""


@bookings.command()
def tidy() -> None:
    """删除预约里到期的联系方式：最后一天过后 30 天 / erase contacts a month after the last day of their booking."""
    ready_database()
    say(f"已删除 {erase_contacts(at=now())} 条联系方式。")


COMMANDS = [bookings]
