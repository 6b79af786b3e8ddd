"""What people read on the one-screen of what changed: which entries of the ledger are told there, in words.

Nothing of reports, members, posts, sign-ups or bookings is among them: when and where they were written could lead to a person.
"""

from django.utils.translation import gettext_lazy

CHANGES = {
    "activity.planned": gettext_lazy("An activity is announced"),
    "activity.held": gettext_lazy("An activity has taken place"),
    "series.planned": gettext_lazy("A series of activities begins"),
    "function.added": gettext_lazy("A room has a new function"),
    "venue.planned": gettext_lazy("A micro-venue is planned"),
    "venue.fitting_out": gettext_lazy("A micro-venue is being fitted out"),
    "venue.opened": gettext_lazy("A micro-venue has opened"),
    "venue.closed": gettext_lazy("A micro-venue has closed"),
    "centre.founded": gettext_lazy("A community service centre is founded"),
    "body.founded": gettext_lazy("A self-governing body is founded"),
    "body.elected": gettext_lazy("A self-governing body is elected"),
    "ballot.opened": gettext_lazy("A vote has begun"),
    "ballot.closed": gettext_lazy("A vote is counted"),
    "ballot.final": gettext_lazy("The result of a vote is final"),
    "topic.taken_up": gettext_lazy("A topic is taken up"),
    "topic.decision_written": gettext_lazy("Residents have decided on a topic"),
    "topic.result_published": gettext_lazy("What came of a topic is published"),
    "compact.begun": gettext_lazy("A compact is begun"),
    "compact.replaced": gettext_lazy("A new compact replaces the old one"),
    "project.called": gettext_lazy("Partners are called for a project"),
    "project.choosing": gettext_lazy("Residents choose who carries a project out"),
    "project.chosen": gettext_lazy("Residents have chosen who carries a project out"),
    "project.running": gettext_lazy("A project is begun"),
    "project.done": gettext_lazy("A project is carried out"),
    "milestone.accepted": gettext_lazy("A milestone of a project is accepted"),
    "questionnaire.opened": gettext_lazy("Residents are asked whether they are content"),
    "questionnaire.closed": gettext_lazy("What residents said is evaluated"),
    "team.founded": gettext_lazy("A team of volunteers is founded"),
    "shift.done": gettext_lazy("Volunteers have helped"),
    "wish.open": gettext_lazy("A wish waits to be taken up"),
    "wish.fulfilled": gettext_lazy("A wish is fulfilled"),
}
