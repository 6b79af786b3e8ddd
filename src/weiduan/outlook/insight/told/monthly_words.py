"""The month of an area told in sentences and tables; its page, its PDF and its workbook say just this."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.outlook.insight.counted.reading import ReportCounts
from weiduan.outlook.insight.meeting_words import KIND_TITLES as MEETING_TITLES
from weiduan.outlook.insight.told.falling_due import Due
from weiduan.outlook.insight.told.monthly import BEFORE, Asked, Monthly, Move, ZeroMonth
from weiduan.outlook.insight.told.sections import Cell, Section, Table, percent_of
from weiduan.outlook.insight.zero_words import ZERO_TITLES
from weiduan.systems.services.projects.rules import yuan_of
from weiduan.systems.services.satisfaction.rules import LEAST_SHOWN

DUE_TITLES = {
    "body": gettext_lazy("Election of a self-governing body"), "organisation": gettext_lazy("Election of a party organisation"),
    "milestone": gettext_lazy("Milestone of a project"), "ballot": gettext_lazy("End of a vote"),
    "questionnaire": gettext_lazy("Last answers to a questionnaire"), "call": gettext_lazy("End of a call for partners"),
}  # fmt: skip


def told_month(found: Monthly) -> list[Section]:
    """Tell a month, section by section."""
    return [
        _zeros(found), _reports(found), _meetings(found), _services(found), _projects(found), asked_section(found.asked),
        _due(found),
    ]  # fmt: skip


def _zeros(found: Monthly) -> Section:
    units, sentences = found.units, [_change(one, found) for one in found.zeros]
    if not found.units_before and units:
        sentences.append(_("Nothing is known of the end of the month before, so nobody can say what changed."))
    figures = [
        [str(ZERO_TITLES[one.name]), one.now, one.before if found.units_before else "—", len(one.entered), len(one.left), units]
        for one in found.zeros
    ]  # fmt: skip
    heads = [
        _("Zero"),
        _("Units that lack it"),
        _("A month before"),
        _("Came to lack it"),
        _("Lack it no more"),
        _("Of all units"),
    ]
    entered = [_moved(one.name, move) for one in found.zeros for move in one.entered]
    left = [_moved(one.name, move) for one in found.zeros for move in one.left]
    heads_of_moves = [_("Zero"), _("Unit"), _("Village or community"), _("Why it is so")]
    tables = [Table(_("The four zeros in figures"), heads, figures)]
    tables += [Table(_("Units that came to lack a zero"), heads_of_moves, entered)] if entered else []
    tables += [Table(_("Units that lack a zero no more"), heads_of_moves, left)] if left else []
    return Section("zeros", _("The four zeros"), sentences, tables)


def _change(one: ZeroMonth, found: Monthly) -> str:
    values = {"zero": ZERO_TITLES[one.name], "now": f"{one.now:,}", "units": f"{found.units:,}", "before": f"{one.before:,}",
              "n": f"{abs(one.now - one.before):,}", "came": f"{len(one.entered):,}", "went": f"{len(one.left):,}"}  # fmt: skip
    if not found.units_before:
        return _("%(zero)s: %(now)s of %(units)s units lack it.") % values
    if one.now < one.before:
        return (
            _(
                "%(zero)s: %(now)s of %(units)s units lack it, %(n)s fewer than a month before; %(went)s settled, %(came)s new."
            )
            % values
        )
    if one.now > one.before:
        return (
            _(
                "%(zero)s: %(now)s of %(units)s units lack it, %(n)s more than a month before; %(went)s settled, %(came)s new."
            )
            % values
        )
    return (
        _("%(zero)s: %(now)s of %(units)s units lack it, as many as a month before; %(went)s settled, %(came)s new.")
        % values
    )


def _moved(zero: str, move: Move) -> list[str]:
    return [str(ZERO_TITLES[zero]), move.name, move.around, move.why]


def report_values(counts: ReportCounts, *, overdue: int, disputed: int) -> dict[str, str]:
    """Return the counts of reports as they are put into sentences."""
    return {
        "told": f"{counts.told:,}", "answered": f"{counts.answered:,}", "in_time": f"{counts.in_time:,}", "late": f"{counts.late:,}",
        "share": percent_of(counts.in_time, counts.answered), "overdue": f"{overdue:,}", "confirmed": f"{counts.confirmed:,}",
        "disputed": f"{disputed:,}", "no_word": f"{counts.no_word:,}", "left_out": f"{counts.left_out:,}",
    }  # fmt: skip


def _reports(found: Monthly) -> Section:
    one, counts = found.reports, found.reports.counts
    values = report_values(counts, overdue=one.overdue, disputed=one.disputed)
    sentences = [_("%(told)s matters were told in the month.") % values]
    if counts.answered:
        sentences.append(
            _("%(answered)s were answered in it: %(in_time)s in time (%(share)s %%), %(late)s after their time.")
            % values
        )
    else:
        sentences.append(_("None was answered in it."))
    sentences += [
        _("At its end %(overdue)s were unanswered beyond their time.") % values,
        _("Of %(confirmed)s those who told them say they are solved, of %(disputed)s that they are not.") % values,
        _("%(no_word)s were closed because no word came within a week: neither solved nor not.") % values,
        _("%(left_out)s were joined to another, not ours or withdrawn: they are in no rate.") % values,
        _("What was told in confidence is in no figure."),
        _grew(found),
    ]  # fmt: skip
    rows: list[list[Cell]] = [[name, told, f"{mean:.1f}"] for name, told, mean in one.grew]
    heads = [_("Kind of matter"), _("Told in this month"), _("Mean of the %(n)s months before") % {"n": BEFORE}]
    return Section(
        "reports", _("Matters told"), sentences, [Table(_("Kinds of matters that grew"), heads, rows)] if rows else []
    )


def _grew(found: Monthly) -> str:
    if not found.reports.mean_known:
        return _(
            "Fewer than %(n)s months before this one are counted, so nobody can say yet which kinds of matters grow."
        ) % {"n": BEFORE}
    if not found.reports.grew:
        return _("No kind of matter grew clearly against its own mean of the %(n)s months before.") % {"n": BEFORE}
    name, told, mean = found.reports.grew[0]
    return _("Most grew “%(name)s”: %(told)s against a mean of %(mean)s in the %(n)s months before.") % {
        "name": name, "told": told, "mean": f"{mean:.1f}", "n": BEFORE,
    }  # fmt: skip


def _meetings(found: Monthly) -> Section:
    heads = [_("Kind of meeting"), _("Held in this month"), _("Due by its end"), _("Held of them"), _("Excused of them"),
             _("Missing of them"), _("Still open")]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            str(MEETING_TITLES[one.kind]),
            one.held,
            one.due.needed,
            one.due.held,
            one.due.excused,
            one.due.missing,
            one.due.open,
        ]
        for one in found.meetings
    ]
    held, needed = sum(one.held for one in found.meetings), sum(one.due.needed for one in found.meetings)
    missing = sum(one.due.missing for one in found.meetings)
    said = _(
        "Party organisations held %(held)s meetings. %(needed)s were due by the end of the month, %(missing)s of these are missing."
    )
    return Section(
        "meetings", _("Meetings of organisations"),
        [said % {"held": f"{held:,}", "needed": f"{needed:,}", "missing": f"{missing:,}"}],
        [Table(_("Meetings by kind"), heads, rows)] if rows else [],
    )  # fmt: skip


def _services(found: Monthly) -> Section:
    one = found.services
    values = {name: f"{n:,}" for name, n in vars(one).items()}
    sentences = [_("%(activities)s activities took place, %(called_off)s were called off.") % values]
    if one.counted:
        sentences.append(_("At %(counted)s of them those who came were counted: %(attended)s together.") % values)
    sentences += [
        _("Rooms served %(functions)s functions on %(dates)s dates.") % values,
        _("Volunteers did %(shifts)s shifts; %(wishes)s wishes were fulfilled.") % values,
    ]
    return Section("services", _("What there was for residents"), sentences)


def _projects(found: Monthly) -> Section:
    one = found.projects
    values = {
        "running": f"{one.running:,}", "accepted": f"{one.accepted:,}", "month": f"{yuan_of(one.released_fen):,.2f}",
        "all": f"{yuan_of(one.released_in_all_fen):,.2f}",
    }  # fmt: skip
    return Section("projects", _("Projects and their money"), [
        _("%(running)s projects are being carried out; %(accepted)s milestones were accepted in the month.") % values,
        _("%(month)s yuan were released in it for accepted milestones, %(all)s yuan in all until its end.") % values,
    ])  # fmt: skip


def asked_section(asked: Sequence[Asked]) -> Section:
    """Tell what residents said in questionnaires: with how many were asked, answered, and how far a sample may be off."""
    heads = [_("Questionnaire"), _("Area"), _("How many were asked"), _("How many answered"), _("Content, of those who could say"),
             _("In nineteen of twenty cases between")]  # fmt: skip
    sentences = [_("%(n)s questionnaires were evaluated.") % {"n": len(asked)}]
    if any(one.share is None for one in asked):
        sentences.append(
            _("Where fewer than %(n)s answered, nothing is shown, so that nobody can be told from the others.")
            % {"n": LEAST_SHOWN}
        )
    return Section(
        "satisfaction", _("How content residents are"), sentences,
        [Table(_("Questionnaires evaluated"), heads, [_said(one) for one in asked])] if asked else [],
    )  # fmt: skip


def _said(one: Asked) -> list[str | int]:
    share = one.share
    told = f"{share.percent:.1f} %（{share.content} / {share.of}）" if share else "—"
    margin = (
        f"{share.low:.1f}–{share.high:.1f} %" if share and share.low is not None and share.high is not None else "—"
    )
    return [one.title, one.area, one.asked, one.answered, told, margin]


def _due(found: Monthly) -> Section:
    values = {
        "activities": f"{found.activities_ahead:,}",
        "meetings": f"{found.meetings_ahead:,}",
        "n": f"{len(found.due):,}",
    }
    sentence = _(
        "Announced: %(activities)s activities. Due: %(meetings)s meetings of organisations, and %(n)s things besides."
    )
    return Section("due", _("Due next month"), [sentence % values], due_tables(found.due))


def due_tables(due: Sequence[Due]) -> list[Table]:
    """Lay out what falls due, by day."""
    heads = [_("Day"), _("What is due"), _("Called"), _("Area")]
    rows = [[f"{one.on:%Y-%m-%d}", str(DUE_TITLES[one.what]), one.title, one.area] for one in due]
    return [Table(_("What falls due, by day"), heads, rows)] if rows else []
