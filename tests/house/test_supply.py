"""What an installation is made of, and whom it talks to: nothing unpinned, nothing from elsewhere, nowhere somebody typed in."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ROOT / "src" / "weiduan"
PINNED = re.compile(r"^([a-z0-9][\w.-]*)(?:\[[\w,-]+\])?==(\S+)(?: ; [^\\]+)? \\$", re.MULTILINE)
OPENS = re.compile(
    r"\b(urllib\.request|http\.client|requests|httpx|aiohttp|socket|smtplib|ftplib|apprise|EmailMessage)\b"
)
# Each goes to an address whoever runs the installation has set, or that is the service's own; none to one that was typed in.
WHO_TALKS = {
    "ground/base/messages.py": "the mail server and the SMS gateway of the settings; redirects are not followed",
    "outlook/reminders/sending.py": "the mail server of the settings, and two services by their own host",
    "doors/console/serve.py": "asks whether a port of this machine is free",
}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_package_is_pinned_with_its_hashes(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert len(entries) > 60
    assert [entry.split("\n")[0] for entry in entries if not PINNED.match(entry) or "--hash=sha256:" not in entry] == []


def test_the_bill_of_materials_names_what_the_lock_installs():
    said = subprocess.run([ROOT / "tools" / "sbom"], capture_output=True, text=True, check=True).stdout
    named = {(one["name"], one.get("version", "")) for one in json.loads(said)["components"]}
    locked = set(PINNED.findall((ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")))
    assert locked <= named and len(named) >= 60


def test_no_page_loads_anything_from_elsewhere():
    loading = re.compile(
        r"""(?:src|srcset|action|data|poster)=["'](?:https?:)?//|<link[^>]+href=["'](?:https?:)?//|@import|url\(["']?(?:https?:)?//"""
    )
    files = [
        path for kind in ("html", "css", "js", "mjs") for path in OURS.rglob(f"*.{kind}") if "/vendor/" not in str(path)
    ]
    assert len(files) > 100
    assert [
        f"{path.name}: {found[0]}" for path in files for found in loading.finditer(path.read_text(encoding="utf-8"))
    ] == []


def test_only_these_talk_to_anybody_and_never_to_an_address_somebody_typed():
    found = {str(path.relative_to(OURS)) for path in OURS.rglob("*.py") if _opens(path.read_text(encoding="utf-8"))}
    assert found == set(WHO_TALKS)


def _opens(text: str) -> bool:
    imports = re.findall(r"^\s*(?:from|import) .+", text, re.MULTILINE)
    return any(OPENS.search(line) for line in imports)
