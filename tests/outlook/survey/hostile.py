"""Builds files that mean harm, or are not what their name says."""

import struct
import zipfile
from pathlib import Path

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'xmlns:r="{_OFFICE}"><sheets><sheet name="网格" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
WORKBOOK_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = f'<?xml version="1.0"?><worksheet {_MAIN}><sheetData>%s</sheetData></worksheet>'
STRINGS = f'<?xml version="1.0"?><sst {_MAIN}>%s</sst>'


def a_workbook(path: Path, sheet: str = "", strings: str = "", extra: dict[str, bytes] | None = None) -> Path:
    """Write the smallest .xlsx there is, with the sheet's rows and shared strings given as XML."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELS,
        "xl/worksheets/sheet1.xml": sheet if sheet.startswith("<?xml") else SHEET % sheet,
        "xl/sharedStrings.xml": strings if strings.startswith("<?xml") else STRINGS % strings,
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def claim_sizes(path: Path, size: int) -> Path:
    """Rewrite the zip's table of contents so that each part claims to unpack to `size` bytes."""
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<L", data, at + 24, size)
        at = data.find(b"PK\x01\x02", at + 46)
    path.write_bytes(data)
    return path


def claim_directory(path: Path, size: int) -> Path:
    """Rewrite the end record so that the table of contents claims to be `size` bytes long."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.rfind(b"PK\x05\x06") + 12, size)
    path.write_bytes(data)
    return path


def overlapping(path: Path) -> Path:
    """Write a workbook whose table of contents names one part three times, each under another name."""
    a_workbook(path)
    with zipfile.ZipFile(path, "a") as archive:
        first = archive.filelist[0]
        for number in range(2):
            twin = zipfile.ZipInfo(f"xl/twin{number}.xml")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(twin, name, getattr(first, name))
            archive.filelist.append(twin)
        archive._didModify = True  # type: ignore[attr-defined]
    return path


def with_entry(path: Path, name: str, *, mode: int = 0, flag: int = 0, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a workbook with one more part, with these Unix mode bits, flags and way of packing."""
    a_workbook(path)
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.compress_type = method
        entry.external_attr = mode << 16
        archive.writestr(entry, b"x" * 10)
    if flag:
        data = bytearray(path.read_bytes())
        at = data.rfind(b"PK\x01\x02")
        struct.pack_into("<H", data, at + 8, flag)
        path.write_bytes(data)
    return path


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {b} "{("&" + a + ";") * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
