"""Divisions as read from a table: a district with its towns and villages, known by their 12-digit codes.

The table is CSV with the columns code, name, level and, if known, parent_code, lon, lat.
Levels: 1 province, 2 city, 3 district, 4 town or street, 5 village or community.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from django.utils.translation import gettext_lazy as _
from shapely import Polygon

from weiduan.ground.base.errors import BadInput

DATA = Path(__file__).with_name("data")
DIVISIONS_2018 = DATA / "qbj_divisions_2018.csv"
BOUNDARY = DATA / "qbj_boundary.geojson"

REQUIRED = ("code", "name", "level")
SIGNIFICANT = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}  # digits that count, by level
LONGEST_NAME = 60
# A few cities have no districts: their towns lie in the city itself.
_LEVELS_ABOVE = {4: (2, 3), 5: (4,)}
_SUFFIXES = ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "村民委员会", "村委会", "办事处", "人民政府")


@dataclass(frozen=True)
class Division:
    """One row of the table."""

    code: str
    name: str
    level: int
    parent: str
    lon: float | None
    lat: float | None

    @property
    def kind(self) -> str:
        """What the code says it is: street, town, township; community or village."""
        if self.level == 5:
            return "community" if int(self.code[9:]) < 200 else "village"
        if self.level == 4:
            serial = int(self.code[6:9])
            return "street" if serial < 100 else "town" if serial < 200 else "township"
        return {1: "province", 2: "city", 3: "county"}[self.level]

    @property
    def short(self) -> str:
        """The name people use: 石家碾社区, 大夫村, 大弯街道."""
        for suffix in _SUFFIXES:
            if self.name.endswith(suffix) and len(self.name) > len(suffix) + 1:
                return self.name.removesuffix(suffix) + ("社区" if suffix.startswith("社区") else "")
        return self.name

    def row(self) -> dict[str, str | int | float | None]:
        """The row as the product's table of divisions takes it."""
        return {
            "code": self.code,
            "name": self.name,
            "level": self.level,
            "parent_code": self.parent,
            "lon": self.lon,
            "lat": self.lat,
            "kind": self.kind,
        }


@dataclass
class Town:
    division: Division
    villages: list[Division] = field(default_factory=list)


@dataclass
class District:
    """A district with what lies in it; `above` are its province and city, if the table has them.

    boundary  known outline in WGS 84, or None: then one is invented
    place     its number among the districts of its province in the table, to find room for an invented outline
    """

    division: Division
    towns: list[Town]
    above: list[Division] = field(default_factory=list)
    boundary: Polygon | None = None
    place: int = 0

    @property
    def code(self) -> str:
        return self.division.code

    @property
    def villages(self) -> list[Division]:
        return [village for town in self.towns for village in town.villages]


def qingbaijiang() -> District:
    """Return the district the demo shows: real codes, names and outline of 2018."""
    [district] = read(DIVISIONS_2018)
    feature = json.loads(BOUNDARY.read_text(encoding="utf-8"))["features"][0]
    district.boundary = shapely.from_geojson(json.dumps(feature["geometry"]))
    return district


def read(path: Path | str) -> list[District]:
    """Read a table of divisions: the districts in it, in order of code.

    :raises BadInput: not a CSV, a column or code is wrong, or there is no district with a village
    """
    divisions = _checked(_rows(_text(Path(path))))
    built = list(_build(divisions))
    if not any(district.villages for district in built):
        raise BadInput(_("The table holds no district with villages. It needs rows of the levels 3, 4 and 5."))
    return [district for district in built if district.villages]


def invented(villages: int, *, code: str = "519901", towns: int | None = None) -> District:
    """Make up a district of that many villages, three in ten of them communities; its code is nobody's."""
    towns = towns or max(1, round(villages / 12))
    if not 1 <= towns <= 99 or villages < towns or villages > towns * 198:
        raise BadInput(_("A made-up district has 1 to 99 towns, each with 1 to 198 villages."))
    district = District(Division(code.ljust(12, "0"), "示例区", 3, code[:4].ljust(12, "0"), 104.0, 30.6), [])
    for number in range(towns):
        serial = number + 1 if number < towns / 5 else number + 100
        name = f"示例{number + 1}街道办事处" if serial < 100 else f"示例{number + 1}镇"
        town = Town(Division(f"{code}{serial:03}000", name, 4, district.code, None, None))
        here = villages * (number + 1) // towns - villages * number // towns
        communities = max(1, round(0.3 * here))
        for place in range(here):
            end = place + 1 if place < communities else 200 + place - communities
            what = "社区居民委员会" if place < communities else "村村民委员会"
            village = f"{town.division.code[:9]}{end:03}"
            town.villages.append(
                Division(village, f"示例{number + 1}-{place + 1}{what}", 5, town.division.code, None, None)
            )
        district.towns.append(town)
    return district


def _text(path: Path) -> str:
    """Read the file as text: UTF-8, or GB 18030 as Chinese spreadsheets write it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(_("The file %(file)s can't be read."), file=path) from error
    if raw[:2] == b"PK" or b"\0" in raw:
        raise BadInput(_("%(file)s is not a CSV file. Save the table as CSV first."), file=path.name)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(_("%(file)s is neither in UTF-8 nor in GB 18030. Save it as UTF-8."), file=path.name)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and row; the first line names the columns."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        columns = [(name or "").strip() for name in reader.fieldnames or ()]
        if not columns:
            raise BadInput(_("The table is empty."))
        missing = [name for name in REQUIRED if name not in columns]
        if missing:
            raise BadInput(_("The table has no column %(columns)s."), columns="、".join(missing))
        reader.fieldnames = columns
        for row in reader:
            yield reader.line_num, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
    except csv.Error as error:
        raise BadInput(_("Line %(line)s can't be read as CSV."), line=reader.line_num) from error


def _checked(rows: Iterator[tuple[int, dict[str, str]]]) -> dict[str, Division]:
    """Return the divisions by code, each one's parent present from the town level down."""
    found: dict[str, Division] = {}
    lines: dict[str, int] = {}
    for line, row in rows:
        division = _division(line, row)
        if division.code in found:
            raise BadInput(_("Line %(line)s: the code %(code)s is there twice."), line=line, code=division.code)
        found[division.code], lines[division.code] = division, line
    if not found:
        raise BadInput(_("The table is empty."))
    for division in found.values():
        above = found.get(division.parent)
        if division.level > 3 and (above is None or above.level not in _LEVELS_ABOVE[division.level]):
            raise BadInput(
                _("Line %(line)s: %(code)s lies in %(parent)s, which is not in the table."),
                line=lines[division.code], code=division.code, parent=division.parent or "?",
            )  # fmt: skip
    return dict(sorted(found.items()))


def _division(line: int, row: dict[str, str]) -> Division:
    code, name = row["code"], row["name"]
    if not (code.isascii() and code.isdigit() and len(code) == 12):
        raise BadInput(_("Line %(line)s: “%(code)s” is no division code of 12 digits."), line=line, code=code[:40])
    if row["level"] not in ("1", "2", "3", "4", "5"):
        raise BadInput(
            _("Line %(line)s: the level is a number from 1 to 5, not “%(level)s”."), line=line, level=row["level"][:40]
        )
    level = int(row["level"])
    own = code[SIGNIFICANT.get(level - 1, 0) : SIGNIFICANT[level]]  # the digits this level adds
    if code[SIGNIFICANT[level] :].strip("0") or not own.strip("0"):
        raise BadInput(
            _("Line %(line)s: the code %(code)s is not of level %(level)s."), line=line, code=code, level=level
        )
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(_("Line %(line)s: the name must have 1 to %(most)s characters."), line=line, most=LONGEST_NAME)
    parent = row.get("parent_code") or (code[: SIGNIFICANT.get(level - 1, 0)].ljust(12, "0") if level > 1 else "")
    return Division(code, name, level, parent, _degrees(line, row, "lon", 73, 136), _degrees(line, row, "lat", 3, 54))


def _degrees(line: int, row: dict[str, str], column: str, low: float, high: float) -> float | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadInput(
            _("Line %(line)s: %(column)s must lie between %(low)s and %(high)s degrees."),
            line=line, column=column, low=low, high=high,
        )  # fmt: skip
    return value


def _build(divisions: dict[str, Division]) -> Iterator[District]:
    """Yield every division that holds towns, with these and their villages."""
    towns = {d.code: Town(d) for d in divisions.values() if d.level == 4}
    for village in (d for d in divisions.values() if d.level == 5):
        towns[village.parent].villages.append(village)
    by_district: dict[str, list[Town]] = {}
    for town in towns.values():
        by_district.setdefault(town.division.parent, []).append(town)
    places: dict[str, int] = {}
    for code, own_towns in sorted(by_district.items()):
        place = places[code[:2]] = places.get(code[:2], -1) + 1
        above = [
            divisions[c] for c in (code[:2].ljust(12, "0"), code[:4].ljust(12, "0")) if c in divisions and c != code
        ]
        yield District(divisions[code], own_towns, above, place=place)
