"""The child process: opens one file nobody has reason to trust, under hard limits, and prints what it holds.

Started by path as `python -I child.py workbook|geojson|vector FILE MEMORY_MB SECONDS`; it imports none of
our code and no Django, so it starts fast and knows nothing worth stealing. Output is one JSON value a line:
objects for events, arrays for rows. The last line is {"end": true}; without it the reading failed.

workbook  {"sheet": title, "rows": most}, then [row number from 1, cell, …] for each row that is not empty.
          A cell is null, text, number, true/false, {"d": iso date}, or {"x": kind, "t": text} for what has no value.
shapes    {"crs": text or null}, then {"n": feature from 1, "code": …, "wkb": hex} or {…, "error": kind}.
"""

import datetime
import json
import re
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MOST_SHEETS = 20
MOST_COLUMNS = 64
MOST_ROWS = 1_100_000
MOST_LETTERS = 4_000  # in one cell; what is longer is cut one after, so that the check can say so
MOST_OUTPUT = 256 * 1024**2  # bytes: what the parent will hold is bounded by it
MOST_POINTS = 5_000_000  # in all shapes together
MOST_ODD = 10_000


class TooMuch(Exception):
    """The file goes past a limit; the arguments say which, and where."""


def confine(memory_mb: int, seconds: int) -> None:
    """Take away what parsing doesn't need: memory, time, writing files, core dumps."""
    memory = memory_mb * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class Out:
    """Writes lines and stops when they come to more than the parent wants."""

    def __init__(self) -> None:
        self.written = 0

    def line(self, value: Any) -> None:
        """Write one value."""
        text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=cell)
        self.written += len(text) + 1
        if self.written > MOST_OUTPUT:
            raise TooMuch("text")
        sys.stdout.write(text + "\n")


def cell(value: Any) -> Any:
    """Return how a cell that is no plain JSON value is written."""
    if isinstance(value, datetime.date | datetime.datetime):
        return {"d": value.isoformat()}
    return {"x": "time", "t": str(value)}


def read_workbook(path: str, out: Out) -> None:
    """Print every row of every sheet."""
    import python_calamine

    odd = odd_cells(path)
    with python_calamine.CalamineWorkbook.from_path(path) as workbook:
        names = [
            about.name for about in workbook.sheets_metadata if about.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        if len(names) > MOST_SHEETS:
            raise TooMuch("sheets", len(names))
        left = MOST_ROWS
        for name in names:
            sheet = workbook.get_sheet_by_name(name)
            out.line({"sheet": name, "rows": sheet.height})
            left = print_rows(sheet, name, odd.get(name, {}), left, out)


def print_rows(sheet: Any, name: str, odd: dict[tuple[int, int], dict], left: int, out: Out) -> int:
    """Print one sheet's rows; return how many more rows the workbook may have."""
    first = sheet.start[1] if sheet.start else 0
    if sheet.start and sheet.end[1] >= MOST_COLUMNS:
        raise TooMuch("columns", name)
    strange: dict[int, list[tuple[int, dict]]] = {}
    for (row, column), what in odd.items():
        strange.setdefault(row, []).append((column, what))
    number = 0
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [None] * first + [tidy(value) for value in values]
        for column, what in strange.pop(number, ()):
            put(cells, column, what)
        left -= print_row(number, cells, name, left, out)
    for after in sorted(strange):  # cells without a value can lie below the last one with
        cells = []
        for column, what in strange[after]:
            put(cells, column, what)
        left -= print_row(after, cells, name, left, out)
    return left


def print_row(number: int, cells: list, name: str, left: int, out: Out) -> int:
    """Print a row unless it is empty; return 1 if it was printed."""
    while cells and cells[-1] is None:
        cells.pop()
    if not cells:
        return 0
    if left <= 0:
        raise TooMuch("rows", name)
    out.line([number, *cells])
    return 1


def tidy(value: Any) -> Any:
    """Return None for an empty cell, and text cut at one letter over the limit."""
    if isinstance(value, str):
        return value[: MOST_LETTERS + 1] or None
    return value


def put(cells: list, column: int, what: dict) -> None:
    """Set a cell that calamine gives as empty, because it holds an error or a formula without a value."""
    if column >= MOST_COLUMNS:
        return
    cells.extend([None] * (column + 1 - len(cells)))
    if cells[column] is None:
        cells[column] = what


_ODD = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*?(?:\bt="e"[^>]*>(?:<f[^>]*?(?:/>|>[^<]*</f>))?<v>([^<]{0,20})</v>'
    rb"|>\s*<f[^>]*>([^<]{1,200})</f>(?:<v\s*/>|<v></v>)?\s*</c>)"
)


def odd_cells(path: str) -> dict[str, dict[tuple[int, int], dict]]:
    """Find cells that hold an error like #DIV/0! or a formula without a value: sheet -> (row, column) -> cell.

    calamine gives both as empty, and an empty cell would quietly erase what is known.
    """
    found: dict[str, dict[tuple[int, int], dict]] = {}
    with zipfile.ZipFile(path) as archive:
        for name, part in sheet_parts(archive):
            found[name] = {}
            for match in matches(archive, part):
                if len(found[name]) >= MOST_ODD:
                    break
                place = (int(match[2]), column_number(match[1].decode()))
                what = ("error", match[3]) if match[3] is not None else ("formula", b"=" + match[4])
                found[name][place] = {"x": what[0], "t": what[1].decode("utf-8", "replace")}
    return found


def matches(archive: zipfile.ZipFile, part: str) -> Iterator[re.Match[bytes]]:
    """Search a sheet's XML piece by piece, each piece with the end of the one before."""
    kept = b""
    with archive.open(part) as file:
        while chunk := file.read(1024**2):
            text = kept + chunk
            if b't="e"' in text or b"<f" in text:
                yield from _ODD.finditer(text)
            kept = text[-512:]


def column_number(letters: str) -> int:
    """Return a column's place from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return each sheet's name and the part of the zip that holds it; none where the list is written oddly."""
    import html

    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return []
    targets = {}
    for tag in re.findall(r"<Relationship [^>]*>", small_text(archive, "xl/_rels/workbook.xml.rels")):
        targets[attribute(tag, "Id")] = attribute(tag, "Target")
    parts = []
    for tag in re.findall(r"<sheet [^>]*>", small_text(archive, "xl/workbook.xml")):
        target = targets.get(attribute(tag, "r:id"), "")
        part = target.lstrip("/") if target.startswith("/") else "xl/" + target
        if part in names:
            parts.append((html.unescape(attribute(tag, "name")), part))
    return parts[:MOST_SHEETS]


def small_text(archive: zipfile.ZipFile, part: str) -> str:
    """Return the first megabyte of a part as text."""
    with archive.open(part) as file:
        return file.read(1024**2).decode("utf-8", "replace")


def attribute(tag: str, name: str) -> str:
    """Return an attribute's value, empty if it is not there."""
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


def read_geojson(path: str, out: Out) -> None:
    """Print each feature of a FeatureCollection."""
    import shapely.geometry

    with open(path, encoding="utf-8-sig") as file:
        collection = json.load(file)
    if not isinstance(collection, dict) or not isinstance(collection.get("features"), list):
        raise TooMuch("not_a_collection")
    crs = collection.get("crs")
    out.line(
        {
            "crs": str(crs.get("properties", {}).get("name", ""))
            if isinstance(crs, dict) and isinstance(crs.get("properties"), dict)
            else None
        }
    )
    points = 0
    for number, feature in enumerate(collection["features"], 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        line = {"n": number, "code": code_in(properties if isinstance(properties, dict) else {})}
        try:
            shape = shapely.geometry.shape(feature["geometry"])
            points += shapely.get_num_coordinates(shape)
            line["wkb"] = shapely.to_wkb(shapely.force_2d(shape), hex=True)
        except MemoryError:
            raise
        except Exception:  # whatever is wrong with one geometry is that feature's fault, not the file's
            line["error"] = "geometry"
        if points > MOST_POINTS:
            raise TooMuch("points")
        out.line(line)


def code_in(properties: dict) -> Any:
    """Return the feature's code as it was written: a text or a number."""
    for name in ("code", "编码", "CODE", "Code"):
        value = properties.get(name)
        if value is not None and not isinstance(value, list | dict):
            return value
    return None


def read_vector(path: str, out: Out) -> None:
    """Print each feature of a GeoPackage or zipped Shapefile, brought to EPSG:4326."""
    try:
        import pyogrio
    except ImportError as error:
        raise TooMuch("no_gis") from error
    import numpy
    import shapely

    name = "/vsizip/" + path if zipfile.is_zipfile(path) else path
    layers = pyogrio.list_layers(name)
    if len(layers) != 1:
        raise TooMuch("layers", len(layers))
    about, _, geometry, fields = pyogrio.raw.read(name, layer=layers[0][0])
    if not about["crs"]:
        raise TooMuch("no_crs")
    shapes = in_degrees(shapely.force_2d(shapely.from_wkb(geometry, on_invalid="ignore")), about["crs"])
    if shapely.get_num_coordinates(shapes).sum() > MOST_POINTS:
        raise TooMuch("points")
    out.line({"crs": about["crs"]})
    columns = dict(zip([str(field) for field in about["fields"]], fields, strict=True))
    for number, shape in enumerate(shapes, 1):
        values = {key: value[number - 1] for key, value in columns.items()}
        code = code_in({key: v.item() if isinstance(v, numpy.generic) else v for key, v in values.items()})
        out.line(
            {"n": number, "code": code, "wkb": shapely.to_wkb(shape, hex=True)}
            if shape
            else {"n": number, "code": code, "error": "geometry"}
        )


def in_degrees(shapes: Any, crs: str) -> Any:
    """Return shapes in longitude and latitude of WGS 84 from the system the file names."""
    import pyproj
    import shapely

    source = pyproj.CRS.from_user_input(crs)
    if source.to_epsg() in (4326, 4490):
        return shapes
    move = pyproj.Transformer.from_crs(source, 4326, always_xy=True).transform
    return shapely.transform(shapes, move, interleaved=False)


JOBS = {"workbook": read_workbook, "geojson": read_geojson, "vector": read_vector}


def main(arguments: list[str]) -> int:
    """Do one job; 0 done, 3 out of memory, 4 refused (an {"error": …} line says why)."""
    job, path, memory_mb, seconds = arguments
    confine(int(memory_mb), int(seconds))
    out = Out()
    try:
        JOBS[job](path, out)
        out.line({"end": True})
        sys.stdout.flush()
    except MemoryError:
        return 3
    except BrokenPipeError:
        return 0
    except TooMuch as much:
        print(json.dumps({"error": much.args[0], "where": list(much.args[1:])}), flush=True)
        return 4
    except BaseException as error:  # a panic in the parser is no Exception
        print(json.dumps({"error": "unreadable", "where": [type(error).__name__]}), flush=True)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
