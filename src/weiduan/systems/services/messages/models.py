"""Messages about services that wait to be sent."""

from django.db import models

from weiduan.ground.base.outbox import Outgoing, known_state


class Message(Outgoing):
    """短讯 Message: one word to whoever left a contact with a sign-up, a shift or a wish.

    It carries the sealed contact of its case as it lies there; when the key of the case is destroyed, nobody can be told any more.
    """

    case = models.UUIDField()
    sealed_contact = models.BinaryField()
    what = models.CharField(max_length=20)
    title = models.CharField(max_length=60)  # of the activity or shift; of a wish nothing
    at = models.DateTimeField()

    class Meta:
        constraints = [known_state("a_message_has_a_known_state")]
        indexes = [models.Index(name="messages_to_send", fields=["state", "not_before"])]

    def __str__(self) -> str:
        return f"{self.what} of {self.case}"
