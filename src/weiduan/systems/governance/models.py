"""What this room keeps, noun by noun."""

from .ballots.models import Ballot, Count, Objection, PaperSheet, RightHolder, Turnout, Urn
from .bodies.models import Body, BodyHandover, BodyTerm, Officer
from .categories.models import Category
from .compacts.models import Compact, Support, Version
from .deliberation.models import (
    Acceptance,
    DecisionTask,
    Follower,
    Meeting,
    StagePassed,
    Topic,
    TopicOption,
    TopicReport,
)
from .mediation.models import Mediation, Session
from .opinions.models import Opinion
from .partners.models import Agreement, Need, Offer, Partner
from .reports.models import (
    AlsoConcerned,
    AnswerTemplate,
    Contact,
    Notice,
    Report,
    ReportPhoto,
    SavedFilter,
    SearchWords,
    Step,
    Task,
)

__all__ = [
    "Acceptance", "Agreement", "AlsoConcerned", "AnswerTemplate", "Ballot", "Body", "BodyHandover", "BodyTerm", "Category",
    "Compact", "Contact", "Count", "DecisionTask", "Follower", "Mediation", "Meeting", "Need", "Notice", "Objection", "Offer",
    "Officer", "Opinion", "PaperSheet", "Partner", "Report", "ReportPhoto", "RightHolder", "SavedFilter", "SearchWords", "Session",
    "StagePassed", "Step", "Support", "Task", "Topic", "TopicOption", "TopicReport", "Turnout", "Urn", "Version",
]  # fmt: skip
