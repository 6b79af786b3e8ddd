"""Files that are on the disk when they are said to be kept: a row that names one is worth nothing without it."""

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class SyncedStorage(FileSystemStorage):
    """Django's files in a folder, written through to the disk with the folders that were made for them."""

    def _save(self, name: str, content: Any) -> str:
        """Save, then sync the file, its folder, and each folder above up to the root, which may be new too."""
        saved: str = super()._save(name, content)  # type: ignore[misc]
        path = Path(self.path(saved))
        sync(path)
        sync_up(path.parent, Path(self.location))
        return saved


def sync(path: Path) -> None:
    """Write a file, or a folder's list of names, through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_up(folder: Path, root: Path) -> None:
    """Sync a folder and those above it, the parent of the root too: any of them may have been made just now."""
    for each in [folder, *folder.parents]:
        sync(each)
        if each == root.parent or each == each.parent:
            return
