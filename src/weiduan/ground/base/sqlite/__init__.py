"""SQLite, with a plain sentence where it would say that it is locked."""
