"""Hostile or mistaken files are refused before anything in them is opened.

Only the first bytes, the size on disk and the zip's own table of contents are looked at;
nothing is unpacked. What passes is still parsed in a confined child process.
"""

import codecs
import re
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput


@dataclass(frozen=True)
class Limits:
    """The most a file may have; sizes in bytes."""

    on_disk: int = 200 * 1024**2
    directory: int = 1024**2  # the zip's table of contents, read whole
    entries: int = 2000
    unpacked: int = 2 * 1024**3
    ratio: int = 100  # unpacked : packed, looked at above `small`
    small: int = 20 * 1024**2
    depth: int = 32  # of nested brackets in JSON


LIMITS = Limits()
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SAVE_AS = _("Open it in Excel or WPS and save it as an Excel workbook (.xlsx).")
_NEW_TEMPLATE = _("Copy the sheets into a new template.")
_EXPORT_AGAIN = _("Export it again from the GIS program.")
_ARCHIVES = set(
    [
        ".zip",
        ".xlsx",
        ".xlsm",
        ".xlsb",
        ".xls",
        ".docx",
        ".pptx",
        ".rar",
        ".7z",
        ".gz",
        ".tar",
        ".bz2",
        ".xz",
        ".jar",
        ".exe",
    ]
)


def refuse_hostile_workbook(path: Path, limits: Limits = LIMITS) -> None:
    """Pass an .xlsx that looks like one and stays within the limits.

    :raises BadInput: with a sentence that says what the file is and what to do
    """
    _refuse_size(path, limits)
    head = _head(path)
    if not head.startswith(b"PK\x03\x04"):
        raise _not_a_workbook(path, head)
    entries = _table_of_contents(path, limits, _SAVE_AS)
    _refuse_contents(entries, path, limits, _NEW_TEMPLATE)
    _refuse_workbook_parts([entry.filename.replace("\\", "/") for entry in entries])


def refuse_hostile_shapes(path: Path, limits: Limits = LIMITS) -> str:
    """Pass a shape file and say which it is: geojson, geopackage or shapefile.

    :raises BadInput: with a sentence that says what the file is and what to do
    """
    _refuse_size(path, limits)
    head = _head(path)
    if head.startswith(b"SQLite format 3\x00"):
        return "geopackage"
    if head.startswith(b"PK\x03\x04"):
        entries = _table_of_contents(path, limits, _EXPORT_AGAIN)
        _refuse_contents(entries, path, limits, _EXPORT_AGAIN)
        _refuse_shapefile_parts([entry.filename for entry in entries])
        return "shapefile"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        raise BadInput(_("This is no file of shapes. Hand in GeoJSON, a GeoPackage, or a Shapefile packed as .zip."))
    refuse_deep_json(path, limits.depth)
    return "geojson"


def _refuse_size(path: Path, limits: Limits) -> None:
    if not path.is_file():
        raise BadInput(_("There is no file %(name)s."), name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise BadInput(_("The file is empty (0 bytes). Save it again and choose it once more."))
    if size > limits.on_disk:
        raise BadInput(
            _("The file has %(size)d MB; at most %(limit)d MB are read. Split it by town or village."),
            size=-(-size // 1024**2),
            limit=limits.on_disk // 1024**2,
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _not_a_workbook(path: Path, head: bytes) -> BadInput:
    """Return the refusal that fits what the file really is."""
    if head.startswith(_OLE):
        return _old_or_locked(path)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signs, sentence in _OTHER_KINDS:
        if start.startswith(signs):
            return BadInput(sentence, how=_SAVE_AS)
    if _is_table_of_text(head):
        return BadInput(_("This is a CSV file, even if its name says .xlsx. %(how)s"), how=_SAVE_AS)
    return BadInput(_("This is not an Excel workbook. Fill in the template and save it as .xlsx."))


_OTHER_KINDS: list[tuple[tuple[bytes, ...], object]] = [
    ((b"<!doctype html", b"<html", b"<head", b"<table", b"<meta"),
     _("This is a web page, even if its name says .xlsx. %(how)s")),
    ((b"<?xml", b"<workbook"), _("This is an XML table of an old Excel. %(how)s")),
    ((b"%pdf",), _("This is a PDF. A PDF can't be read as a table; fill in the template and save it as .xlsx.")),
    ((b"rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"bzh", b"\xfd7zxz"),
     _("This is an archive. Unpack it and hand in the .xlsx inside.")),
    ((b"\xff\xd8\xff", b"\x89png", b"gif8"), _("This is a picture. Fill in the template and save it as .xlsx.")),
    ((b"pk\x05\x06",), _("This archive is empty. Hand in the template, filled in and saved as .xlsx.")),
]  # fmt: skip


def _old_or_locked(path: Path) -> BadInput:
    """Tell a workbook locked with a password from an .xls: both start with the same eight bytes."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return BadInput(
            _("The workbook is locked with a password. Open it in Excel, remove the password and save again.")
        )
    return BadInput(_("This is an old Excel file (.xls). %(how)s"), how=_SAVE_AS)


def _is_table_of_text(head: bytes) -> bool:
    """Whether the bytes read as text with separators, in one of the encodings Chinese Excel writes."""
    for encoding in ("utf-16",) if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut in two
        except UnicodeDecodeError:
            continue
        controls = sum(ord(letter) < 32 and letter not in "\t\r\n" for letter in text)
        return not controls and any(mark in text for mark in ",;\t，")
    return False


def _table_of_contents(path: Path, limits: Limits, how: Any) -> list[zipfile.ZipInfo]:
    """Return the zip's entries, after making sure the table itself is small."""
    broken = BadInput(_("The file is damaged: it can't be opened. %(how)s"), how=how)
    size = _directory_size(path)
    if size is None:
        raise broken
    if size > limits.directory:
        raise BadInput(_("The file holds far too many parts. %(how)s"), how=how)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise broken from error
    if len(entries) > limits.entries:
        raise BadInput(_("The file holds far too many parts. %(how)s"), how=how)
    return entries


def _directory_size(path: Path) -> int | None:
    """Return the bytes the table of contents claims to take, None where no end record is found.

    zipfile reads that many bytes at once, and takes the zip64 figure where there is one.
    """
    with path.open("rb") as file:
        file.seek(0, 2)
        length = file.tell()
        file.seek(max(0, length - 65_557))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or at + 22 > len(tail):
            return None
        size = struct.unpack_from("<L", tail, at + 12)[0]
        locator = tail[max(0, at - 20) : at]
        if not locator.startswith(b"PK\x06\x07"):
            return size
        file.seek(min(length, struct.unpack_from("<Q", locator, 8)[0]))
        record = file.read(56)
        return struct.unpack_from("<Q", record, 40)[0] if len(record) == 56 else None


def _refuse_contents(entries: list[zipfile.ZipInfo], path: Path, limits: Limits, how: Any) -> None:
    """Refuse what no honest zip holds: bombs, links, odd names, locked parts, parts lying over each other."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if unpacked > limits.unpacked:
        raise BadInput(
            _("Unpacked the file has %(size).1f GB; at most %(limit).1f GB are read. It was not opened. Split it."),
            size=unpacked / 1024**3,
            limit=limits.unpacked / 1024**3,
        )
    if unpacked > limits.small and unpacked > limits.ratio * packed:
        raise BadInput(
            _("The file unpacks to over %(ratio)d times its size, as harmful files do. It was not opened. %(how)s"),
            ratio=limits.ratio,
            how=how,
        )
    names = [entry.filename.replace("\\", "/").lower() for entry in entries]
    if len(set(names)) < len(names):
        raise BadInput(_("The file holds two parts of one name. It was not opened. %(how)s"), how=how)
    for entry in entries:
        _refuse_entry(entry, how)
    _refuse_overlaps(entries, path.stat().st_size, how)


def _refuse_entry(entry: zipfile.ZipInfo, how: Any) -> None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in PurePosixPath(name).parts or re.match(r"[A-Za-z]:", name):
        text = _("The file holds a part that points outside of it (%(name)s). It was not opened. %(how)s")
        raise BadInput(text, name=name[:60], how=how)
    if stat.S_ISLNK(entry.external_attr >> 16):
        text = _("The file holds a link to another file (%(name)s). It was not opened. %(how)s")
        raise BadInput(text, name=name[:60], how=how)
    if entry.flag_bits & 0x1:
        raise BadInput(_("A part of the file is locked with a password. Remove it and save again."))
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadInput(_("The file is packed in an unusual way. It was not opened. %(how)s"), how=how)
    if PurePosixPath(name).suffix.lower() in _ARCHIVES:
        raise BadInput(_("The file has another file inside it (%(name)s). Take it out and save again."), name=name[:60])


def _refuse_overlaps(entries: list[zipfile.ZipInfo], length: int, how: Any) -> None:
    """Refuse entries that share bytes: the trick by which a small zip unpacks to petabytes."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            text = _("Parts of the file lie over each other, as only in harmful files. It was not opened. %(how)s")
            raise BadInput(text, how=how)
        name = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
        end = entry.header_offset + 30 + len(name) + entry.compress_size
    if end > length:
        raise BadInput(_("The file is damaged: it can't be opened. %(how)s"), how=how)


def _refuse_workbook_parts(names: list[str]) -> None:
    """Refuse what only other kinds of workbook hold, and workbooks that reach outside themselves."""
    lowered = [name.lower() for name in names]
    if any("vbaproject" in name for name in lowered):
        raise BadInput(_("The workbook holds macros. Save it as an Excel workbook (.xlsx) without macros."))
    if any(name.startswith("xl/externallinks/") for name in lowered):
        raise BadInput(
            _("The workbook fetches values from other files. In Excel choose Data, Edit Links, Break Link, save again.")
        )
    if any(name.startswith(("xl/embeddings/", "xl/activex/")) for name in lowered):
        raise BadInput(_("Other files or controls are set into the workbook. Delete them and save again."))
    if any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in lowered):
        return
    if "xl/workbook.bin" in lowered:
        raise BadInput(_("This is a binary Excel workbook (.xlsb). %(how)s"), how=_SAVE_AS)
    if "content.xml" in lowered:
        raise BadInput(_("This is an OpenDocument file (.ods). %(how)s"), how=_SAVE_AS)
    raise BadInput(
        _("This archive is no Excel workbook: it lists no sheets. Fill in the template and save it as .xlsx.")
    )


def _refuse_shapefile_parts(names: list[str]) -> None:
    """Want exactly one .shp with the .dbf and .prj beside it."""
    suffixes = [PurePosixPath(name.lower()).suffix for name in names]
    if suffixes.count(".shp") != 1:
        raise BadInput(
            _("The .zip must hold exactly one .shp; this one holds %(count)d."), count=suffixes.count(".shp")
        )
    for suffix in (".shx", ".dbf", ".prj"):
        if suffix not in suffixes:
            raise BadInput(_("The .zip lacks the Shapefile's %(suffix)s. Pack all its parts together."), suffix=suffix)


def refuse_deep_json(path: Path, depth: int) -> None:
    """Refuse JSON nested deeper than `depth`, a few MB of it at a time.

    :raises BadInput: too deep
    """
    level, in_string = 0, False
    with path.open("rb") as file:
        for chunk in iter(lambda: _whole_escapes(file.read(4 * 1024**2), file.read), b""):
            steps, in_string = _bracket_steps(chunk, in_string)
            levels = level + np.cumsum(steps, dtype=np.int64)
            if levels.size and levels.max() > depth:
                raise BadInput(_("The file is nested more than %(depth)d levels deep; GeoJSON never is."), depth=depth)
            level = int(levels[-1]) if levels.size else level


def _whole_escapes(chunk: bytes, read: Callable[[int], bytes]) -> bytes:
    """Add a byte where the chunk ends in the middle of an escape like \\" ."""
    odd = (len(chunk) - len(chunk.rstrip(b"\\"))) % 2
    return chunk + read(1) if odd else chunk


def _bracket_steps(chunk: bytes, in_string: bool) -> tuple[np.ndarray, bool]:
    """Return +1 and -1 for each bracket outside of strings, and whether a string is open at the end."""
    plain = np.frombuffer(chunk.replace(b"\\\\", b"__").replace(b'\\"', b"__"), dtype=np.uint8)
    quoted = (np.cumsum(plain == ord('"'), dtype=np.int64) + in_string) % 2 == 1
    opens = (plain == ord("[")) | (plain == ord("{"))
    closes = (plain == ord("]")) | (plain == ord("}"))
    steps = opens.astype(np.int8) - closes.astype(np.int8)
    steps[quoted] = 0
    return steps[steps != 0], bool(quoted[-1]) if quoted.size else in_string
