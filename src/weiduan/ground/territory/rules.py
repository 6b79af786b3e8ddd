"""Levels of the ground and how their codes are made."""

from enum import IntEnum, StrEnum

from weiduan.ground.accounts.rules import prefix_of

__all__ = ["Level", "Management", "UnitKind", "level_of", "parent_code", "prefix_of"]


class Level(IntEnum):
    """How deep an area lies; divisions have 12 digits, each further level three more."""

    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    TOWN = 4
    VILLAGE = 5
    GRID = 6
    UNIT = 7
    BUILDING = 8


class UnitKind(StrEnum):
    """The five kinds of basic unit."""

    COURTYARD = "courtyard"
    ESTATE = "estate"
    STOCKADE = "stockade"
    SETTLEMENT = "settlement"
    NEW_COMMUNITY = "new_community"


class Management(StrEnum):
    """Who looks after a unit day by day."""

    PROPERTY = "property"
    SELF = "self"
    VILLAGE = "village"
    EMPLOYER = "employer"
    NONE = "none"


_BY_LENGTH = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.DISTRICT, 9: Level.TOWN, 12: Level.VILLAGE,
              15: Level.GRID, 18: Level.UNIT, 21: Level.BUILDING}  # fmt: skip
_ABOVE = {4: 2, 6: 4, 9: 6, 12: 9, 15: 12, 18: 15, 21: 18}


def level_of(code: str) -> Level:
    """Return the level a code stands for.

    :raises ValueError: not digits, or a length no level has
    """
    prefix = prefix_of(code) if code.isascii() and code.isdigit() else ""
    if prefix not in ("",) and len(prefix) in _BY_LENGTH and len(code) in (12, 15, 18, 21):
        return _BY_LENGTH[len(prefix)]
    raise ValueError(f"not an area code: {code!r}")


def parent_code(code: str) -> str | None:
    """Return the code one level up, None above a province."""
    prefix = prefix_of(code)
    if len(prefix) == 2:
        return None
    return prefix[: _ABOVE[len(prefix)]].ljust(12, "0")


_OFFICES = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "村民委员会", "村委会", "办事处", "人民政府")


def short_name(name: str) -> str:
    """Return the name of a place without that of its office: 石家碾社区居委会 → 石家碾社区."""
    for office in _OFFICES:
        if name.endswith(office) and len(name) > len(office) + 1:
            return name.removesuffix(office) + ("社区" if office.startswith("社区") else "")
    return name
