"""PDFs from templates: Typst lays them out, with our own Chinese font, so that they look the same on every machine.

A template (`.typ`) reads its data by `json(bytes(sys.inputs.data))`; text in it stays text, whatever signs it holds.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).with_name("fonts")


def pdf_of(template: Path, data: Mapping[str, Any], *, files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a PDF, tagged for screen readers.

    files  name → bytes (such as an SVG), read in the template by that name under `data`

    :raises ValueError: the template can't be laid out with this data
    """
    texts = {name: content.decode() for name, content in (files or {}).items()}
    source: Any = template.read_bytes()  # its stubs don't know that bytes are taken
    told = json.dumps({**data, **texts}, ensure_ascii=False)
    try:
        made = typst.compile(source, font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs={"data": told})
    except RuntimeError as error:  # typst's own errors
        raise ValueError(f"{template.name}: {error}") from error
    return made if isinstance(made, bytes) else b"".join(made)
