"""Lighthouse over the main pages of a demo: accessibility, best practices, bytes of the first load. Needs node and npm.

    python benchmarks/lighthouse.py [--pages / /report/ …]

Lighthouse itself is fetched by npm into a folder that goes again; Chromium is the one the stories use.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
UNIT, VILLAGE, DISTRICT = "510113001001001001", "510113001001", "510113000000"
PAGES = [
    "/", f"/u/{UNIT}/", f"/a/{VILLAGE}/", "/report/", f"/report/later/?unit={UNIT}", f"/a/{DISTRICT}/reports/", f"/a/{DISTRICT}/data/",
    f"/a/{UNIT[:15]}001/activities/", f"/a/{UNIT[:15]}001/votes/", f"/a/{UNIT[:15]}001/topics/", "/accounts/login/",
]  # fmt: skip
LIGHTHOUSE = "lighthouse@12"
SWITCHES = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
AIM, AIMED_AT = 95, ("accessibility", "best-practices")


def main() -> int:
    """Print a line a page; return 1 where one is below the aim."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--pages", nargs="*", default=PAGES)
    pages = asked.parse_args().pages
    from tests.stories.served import free_port, serve, set_up

    with tempfile.TemporaryDirectory(prefix="weiduan-lighthouse-") as folder:
        program = fetched(Path(folder))
        home = Path(folder) / "home"
        home.mkdir()
        environment, _coverage, _passwords = set_up(home)
        port = free_port()
        server = serve(environment, port, home / "log")
        try:
            rows = [(path, *looked_at(program, f"http://127.0.0.1:{port}{path}")) for path in pages]
        finally:
            server.terminate()
            server.wait(30)
    print(f"{'page':42} {'accessibility':>14} {'best practices':>15} {'kB':>7}  what is missing")
    for path, accessible, practices, size, missing in rows:
        print(f"{path:42} {accessible:14.0f} {practices:15.0f} {size / 1000:7.0f}  {', '.join(missing)}")
    return int(any(min(row[1:3]) < AIM for row in rows))


def fetched(folder: Path) -> Path:
    """Fetch Lighthouse into the folder."""
    subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, LIGHTHOUSE], check=True
    )
    return folder / "node_modules" / ".bin" / "lighthouse"


def looked_at(program: Path, address: str) -> tuple[float, float, float, list[str]]:
    """Return accessibility and best practices (0 to 100), bytes over the network, and the audits that failed."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    command = [
        program, address, "--quiet", "--output=json", f"--only-categories={','.join(AIMED_AT)},performance", f"--chrome-flags={SWITCHES}",
    ]  # fmt: skip
    done = subprocess.run(
        command, env=os.environ | {"CHROME_PATH": chromium}, capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    grades = [said["categories"][name]["score"] * 100 for name in AIMED_AT]
    wanted = {ref["id"] for name in AIMED_AT for ref in said["categories"][name]["auditRefs"] if ref["weight"]}
    missing = [name for name in sorted(wanted) if said["audits"][name]["score"] == 0]
    requests = said["audits"]["network-requests"]["details"]["items"]
    return *grades, float(sum(one.get("transferSize", 0) for one in requests)), missing


if __name__ == "__main__":
    sys.exit(main())
