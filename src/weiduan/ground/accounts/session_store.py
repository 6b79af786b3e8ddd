"""Sessions in the database that know when somebody signed in, however that was."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

SIGNED_IN, USED = "signed_in_at", "used_at"


class SessionStore(db.SessionStore):
    """Both times of a session begin when it gets a new key for somebody who was not signed in."""

    def cycle_key(self) -> None:
        """Take a new key, as signing in does; a new password takes one too, and is no new beginning."""
        super().cycle_key()
        if SESSION_KEY not in self:
            self[SIGNED_IN] = self[USED] = timezone.now().timestamp()
