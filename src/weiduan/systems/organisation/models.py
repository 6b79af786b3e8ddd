"""What this room keeps, noun by noun."""

from .appointments.models import HandoverItem, Post
from .changes.models import Change
from .coverage.models import Coverage
from .members.models import Membership, Person
from .organisations.models import Former, Organisation, Term
from .own.models import Correction, OneTimeLink, PublicCard
from .transfers.models import Away, Contacted, Guest, Transfer

__all__ = [
    "Away",
    "Change",
    "Contacted",
    "Correction",
    "Coverage",
    "Former",
    "Guest",
    "HandoverItem",
    "Membership",
    "OneTimeLink",
    "Organisation",
    "Person",
    "Post",
    "PublicCard",
    "Term",
    "Transfer",
]
