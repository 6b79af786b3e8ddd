"""Which rows belong to whom, and which of their columns a copy leaves out, each with its reason.

Columns aren't listed: all there are go into a copy, so that a new one can't be forgotten (tests/house/test_rights.py).
"""

from django.utils.translation import gettext_lazy as _

# Model → how its rows are found from whom they are about.
PERSON = {
    "organisation.Person": "pk", "organisation.Membership": "person", "organisation.Post": "person",
    "organisation.HandoverItem": "post__person", "organisation.Transfer": "person", "organisation.Away": "person",
    "organisation.Contacted": "away__person", "organisation.Guest": "person", "organisation.OneTimeLink": "person",
    "organisation.Correction": "person", "organisation.PublicCard": "person", "governance.Officer": "person",
    "services.Attendance": "person",
}  # fmt: skip

# Of a case the first model is the one its receipt opens; a message belongs to whichever case it names.
CASES = {
    "report": {
        "governance.Report": "pk", "governance.Step": "report", "governance.Contact": "report", "governance.ReportPhoto": "report",
        "governance.Notice": "report",
    },
    "booking": {"venues.Booking": "pk", "venues.Slot": "booking"},
    "sign_up": {"services.SignUp": "pk", "services.Message": "case"},
    "volunteer": {"services.Volunteer": "pk", "services.ShiftPlace": "volunteer", "services.Message": "case"},
    "wish": {"services.Wish": "pk", "services.Message": "case"},
    "mediation": {"governance.Mediation": "pk"},
    "topic": {"governance.Topic": "pk", "governance.Follower": "topic"},
    "opinion": {"governance.Opinion": "pk"},
    "objection": {"governance.Objection": "pk"},
    "support": {"governance.Support": "pk"},
    "follower": {"governance.Follower": "pk"},
    "acceptance": {"governance.Acceptance": "pk"},
    "also": {"governance.AlsoConcerned": "pk"},
}  # fmt: skip

ACCOUNT = {
    "accounts.User": "pk", "accounts.Mandate": "user", "accounts.ApiKey": "user", "accounts.Idempotent": "user",
    "reminders.Channel": "user", "reminders.Sent": "user", "governance.SavedFilter": "user", "services.PartnerAccount": "user",
    "holds.Hold": "by", "accounts.FactorReset": "user", "usersessions.UserSession": "user",
}  # fmt: skip

HASH = _("a hash, from which nothing can be read; it only recognises a receipt, a code or a number")
OTHERS = _("names somebody else, or an account of the office")
LEFT_OUT = {
    **dict.fromkeys(
        ["receipt_hash", "claim_hash", "token_hash", "key_hash", "asked_hash", "contact_index", "group"], HASH
    ),
    **dict.fromkeys(["told_by", "by", "made_by", "asked_by", "decided_by", "mediator"], OTHERS),
    "session_key": _("whoever has it is signed in"),
    "password": _("only a hash; nobody can read it"),
}

# Models with fields about persons that are in no copy, each with its reason.
IN_NO_COPY = {
    "governance.Session": _("what the mediator wrote down speaks of both sides; only the mediator reads it"),
    "governance.SearchWords": _("made of the words that are in the copy"),
    "governance.Task": _("what colleagues were asked to do; it names nobody who told"),
    "governance.RightHolder": _(
        "the roll is open to whoever is on it at the office; the code alone opens nothing of it"
    ),
    "governance.Turnout": _("who voted is kept apart from every vote, and only until it is counted"),
    "governance.Urn": _("a secret vote can't be led back to anybody"),
    "governance.PaperSheet": _("a secret vote can't be led back to anybody"),
    "governance.Count": _("public as a whole"),
    "holds.WaitingToErase": _("only which key is to be destroyed when a hold ends"),
    "services.AnswerCode": _("a code says that somebody answered, never what"),
    "services.OrganisationMeeting": _("minutes of an organisation; a member reads them there"),
    "services.MeetingScan": _("minutes of an organisation; a member reads them there"),
}
