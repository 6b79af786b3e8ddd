"""What this room keeps, noun by noun."""

from .appointments.models import Post
from .coverage.models import Coverage
from .members.models import Membership, Person
from .organisations.models import Organisation, Term

__all__ = ["Coverage", "Membership", "Organisation", "Person", "Post", "Term"]
