"""What this room keeps, noun by noun."""

from .activities.models import Activity, Brought, Series, SignUp
from .brands.models import Brand
from .functions.models import Function, FunctionDates
from .meetings.models import Attendance, MeetingScan, MeetingTask, MeetingVote, OrganisationMeeting
from .messages.models import Message
from .projects.models import (
    Evidence,
    EvidencePicture,
    Milestone,
    MilestoneAcceptance,
    MoneyMove,
    PartnerAccount,
    Project,
    ProjectAgreement,
    ProjectNeed,
    ProjectProposal,
    ProjectUnit,
    ProposedStep,
)
from .routines.models import Round, Routine, RoutineUnit
from .satisfaction.models import AnswerCode, AnswerCount, Questionnaire
from .volunteers.models import Shift, ShiftPlace, Team, Volunteer
from .wishes.models import Wish

__all__ = [
    "Activity",
    "AnswerCode",
    "AnswerCount",
    "Attendance",
    "Brand",
    "Brought",
    "Evidence",
    "EvidencePicture",
    "Function",
    "FunctionDates",
    "MeetingScan",
    "MeetingTask",
    "MeetingVote",
    "Message",
    "Milestone",
    "MilestoneAcceptance",
    "MoneyMove",
    "OrganisationMeeting",
    "PartnerAccount",
    "Project",
    "ProjectAgreement",
    "ProjectNeed",
    "ProjectProposal",
    "ProjectUnit",
    "ProposedStep",
    "Questionnaire",
    "Round",
    "Routine",
    "RoutineUnit",
    "Series",
    "Shift",
    "ShiftPlace",
    "SignUp",
    "Team",
    "Volunteer",
    "Wish",
]
