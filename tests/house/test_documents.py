"""What the documents say is held to the code."""

import re
from pathlib import Path

from django.apps import apps
from django.db.models import BinaryField, CharField, EmailField, GenericIPAddressField, TextField

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
PRIVACY = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
OURS = [m for m in apps.get_models() if m.__module__.startswith("weiduan.")]
KEEPS_PERSONS = {
    "User", "Person", "Membership", "Post", "Mandate", "HandoverItem", "Transfer", "Away", "Contacted", "Guest", "OneTimeLink",
    "Correction", "PublicCard", "ApiKey", "Idempotent", "Channel", "Sent", "Booking", "Report", "Step",
    "Contact", "AlsoConcerned", "SearchWords", "Notice", "Task", "SavedFilter",
    "Officer", "RightHolder", "Turnout", "Urn", "PaperSheet", "Count", "Objection", "Opinion", "Support", "Topic", "Follower",
    "Acceptance", "Mediation", "Session",
    "SignUp", "Message", "Volunteer", "ShiftPlace", "Wish", "AnswerCode", "OrganisationMeeting", "Attendance", "MeetingScan",
    "PartnerAccount", "FactorReset", "Hold", "WaitingToErase",
}  # fmt: skip


def test_each_kind_of_thing_kept_is_in_the_glossary():
    assert [m.__name__ for m in OURS if f"`{m.__name__}`" not in GLOSSARY] == []


def test_each_field_about_a_person_is_explained():
    """Why it is kept, who sees it, for how long: a line in docs/privacy.md names it."""
    fields = [
        f"{model.__name__}.{field.name}"
        for model in OURS
        if model.__name__ in KEEPS_PERSONS
        for field in model._meta.get_fields()
        if field.concrete and not field.auto_created and field.name != "id"
    ]
    assert [name for name in fields if f"`{name}`" not in PRIVACY] == []


def test_free_text_outside_those_is_no_place_for_persons():
    """A new text or binary field must be looked at: is it about a person?"""
    kinds = (TextField, BinaryField, EmailField, GenericIPAddressField)
    found = {
        f"{m.__name__}.{f.name}"
        for m in OURS
        if m.__name__ not in KEEPS_PERSONS
        for f in m._meta.get_fields()
        if isinstance(f, kinds) and not isinstance(f, CharField)
    }
    assert found == {
        "AreaVersion.shape", "SurveyRun.refusal", "Proposal.note", "Plate.token_hash", "Street.shape", "AnswerTemplate.words",
        "Ballot.text", "Version.text", "StagePassed.words", "Meeting.agenda", "Meeting.minutes", "DecisionTask.evidence",
        "Agreement.outcome", "Brand.words", "Activity.words", "Activity.after_words", "Project.words", "ProjectProposal.words",
        "Evidence.words", "Routine.looked_at",
    }  # fmt: skip


def test_links_between_documents_lead_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_each_promise_names_tests_that_there_are():
    told = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    folder, missing = "", []
    for path, test in re.findall(r"`(?:tests/)?([\w./…]+?\.(?:py|toml))(?:::(\w+))?…?`", told):
        folder = path.rsplit("/", 1)[0] if "/" in path and "…" not in path else folder
        candidates = [
            ROOT / "tests" / path,
            ROOT / path,
            ROOT / "tests" / folder / path.rsplit("/", 1)[-1],
            ROOT / "benchmarks" / path,
        ]
        found = [one for one in candidates if one.is_file()]
        if not found or (test and f"def {test}" not in found[0].read_text(encoding="utf-8")):
            missing.append(f"{path}::{test}")
    assert missing == []
    assert told.count("\n| ") > 60
