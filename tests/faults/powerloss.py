"""What a power cut leaves of a folder: of each file what was synced last, under the names its folder had when that was synced.

The strictest disk: nothing that wasn't synced ever reaches it. The preloaded powerloss.c keeps the image.
"""

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("powerloss.c")


class Power:
    """The power of one folder; `environment` is what processes that work there are started with."""

    def __init__(self, root: Path, place: Path) -> None:
        self.root, self.image, library = root, place / "image", place / "powerloss.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
        for kind in ("content", "folder"):
            (self.image / kind).mkdir(parents=True)
        self._keep_all(root)
        self.environment = {"LD_PRELOAD": str(library), "POWER_ROOT": str(root), "POWER_IMAGE": str(self.image)}

    def _keep_all(self, folder: Path) -> None:
        """What is there at first is on the disk."""
        entries = list(folder.iterdir())
        lines = "".join(f"{path.lstat().st_ino} {path.name}\n" for path in entries)
        (self.image / "folder" / str(folder.stat().st_ino)).write_text(lines)
        for path in entries:
            if path.is_dir():
                self._keep_all(path)
            else:
                shutil.copy(path, self.image / "content" / str(path.stat().st_ino))

    def cut(self, into: Path) -> None:
        """Put together in another folder what is left; the processes must be dead."""
        self._lay(self.root, into)

    def _lay(self, folder: Path, into: Path) -> None:
        into.mkdir(exist_ok=True)
        known = self.image / "folder" / str(folder.stat().st_ino) if folder.exists() else self.image / "none"
        for line in known.read_text().split("\n")[:-1] if known.exists() else []:
            number, name = line.split(" ", 1)
            if (folder / name).is_dir():
                self._lay(folder / name, into / name)
            elif (self.image / "content" / number).exists():
                shutil.copy(self.image / "content" / number, into / name)
            else:
                (into / name).touch()
        os.chmod(into, 0o700)
