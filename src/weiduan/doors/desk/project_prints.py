"""The agreement on a project as a sheet for both sides to sign."""

from typing import Any

from django.utils.translation import gettext as _

from weiduan.ground.base.pdf import pdf_of
from weiduan.systems.services.projects.rules import yuan_of

from .prints import TEMPLATES, _lang


def agreement_pdf(project: Any, chosen: Any, area: str) -> bytes:
    """Return the agreement on a project, A4: what was chosen, its milestones with their amounts, lines to sign on."""
    signed = getattr(project, "agreement", None)
    due = {one.number: f"{one.due_on:%Y-%m-%d}" for one in signed.milestones.all()} if signed else {}
    how = _("By a ballot of the residents") if project.ballot_id else _("By a topic the residents decided")
    data = {
        "lang": _lang(), "title": _("Agreement on a service project"),
        "known": [
            [_("Project"), project.title], [_("Village or unit"), area], [_("Carried out by"), chosen.proposal.partner.name],
            [_("How it was chosen"), how], [_("Amount in yuan"), f"{chosen.total:,.2f}"],
            [_("Signed on"), f"{signed.signed_on:%Y-%m-%d}" if signed else "　"],
        ],
        "matter_title": _("What is asked for"), "matter": project.words,
        "proposal_title": _("How it is carried out"), "proposal": chosen.proposal.words,
        "milestones_title": _("Milestones"),
        "head": [_("No."), _("What is done"), _("What shows it"), _("Due by"), _("Amount in yuan")],
        "milestones": [
            [str(step.number), step.what, step.evidence,
             due.get(step.number) or _("%(n)s days after signing") % {"n": step.days}, f"{yuan_of(step.amount_fen):,.2f}"]
            for step in chosen.steps
        ],
        "sign": [_("For the community"), _("For the partner"), _("Day"), _("Day")],
        "foot": _("Money is released milestone by milestone, once what shows it is accepted. The account is open to everyone."),
    }  # fmt: skip
    return pdf_of(TEMPLATES / "project_agreement.typ", data)
