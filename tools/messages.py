"""Bring the Chinese catalogues up to date with the sources, and say what still has no translation.

    python tools/messages.py            every app
    python tools/messages.py doors      only those whose folder is named

Each app that says something to people keeps its own catalogue in locale/; the doors share one.
Exits with 1 while a translation is missing.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import template

HOUSE = Path(__file__).resolve().parents[1] / "src" / "weiduan"
CATALOGUE = Path("locale", "zh_Hans", "LC_MESSAGES", "django.po")
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}
HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: weiduan\n"
"Language: zh_Hans\n"
"Plural-Forms: nplurals=1; plural=0;\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def folders() -> list[Path]:
    """Return the folders that keep a catalogue: the doors together, every other app by itself."""
    apps = sorted(path.parent for path in HOUSE.glob("*/*/apps.py"))
    return [app for app in apps if app.parent.name != "doors" and said_in(app)] + [HOUSE / "doors"]


def said_in(folder: Path) -> Catalog:
    """Extract every text of a folder's Python and templates."""
    if not settings.configured:
        settings.configure(USE_I18N=True)  # Django's reader of templates asks for nothing else
        django.setup()
    found = Catalog(charset="utf-8")
    for path in sorted(
        [*folder.rglob("*.py"), *folder.rglob("templates/**/*.html"), *folder.rglob("templates/**/*.txt")]
    ):
        if "migrations" not in path.parts:
            for text, context in _texts(path):
                found.add(text, context=context)
    return found


def _texts(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into calls of gettext among blanks, and a comment's lines into "#":
        # line by line they would not parse, as one line they do.
        source = " ".join(line.rstrip().removesuffix("#") for line in template.templatize(source).splitlines())
    for _line, text, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        yield text, context


def catalogue_of(folder: Path) -> Catalog:
    """Read a folder's catalogue; an empty one where there is none yet."""
    path = folder / CATALOGUE
    if not path.exists():
        return Catalog(locale="zh_Hans", project="weiduan", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return what has no Chinese, or one somebody still has to look at."""
    return [m for m in catalogue if m.id and (m.fuzzy or not all(m.string if m.pluralizable else (m.string,)))]


def update(folder: Path) -> Catalog:
    """Write a folder's catalogue anew: texts that came are added, texts that went are dropped."""
    catalogue = catalogue_of(folder)
    catalogue.update(said_in(folder), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    write(folder, catalogue)
    return catalogue


def write(folder: Path, catalogue: Catalog) -> None:
    """Write a catalogue in order of its texts and without dates or line numbers, so that only real changes show."""
    path, texts = folder / CATALOGUE, io.BytesIO()
    write_po(texts, catalogue, omit_header=True, no_location=True, sort_output=True, ignore_obsolete=True, width=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(HEADER.encode() + texts.getvalue().lstrip())


def main(names: list[str]) -> int:
    missing = 0
    for folder in folders():
        if names and folder.name not in names:
            continue
        lacking = untranslated(update(folder))
        missing += len(lacking)
        print(f"{folder.relative_to(HOUSE)}: {len(lacking)} without Chinese")
        for message in lacking:
            print(f"    {message.id!r}")
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
