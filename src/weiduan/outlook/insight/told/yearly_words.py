"""The year of a unit told in sentences and tables, for its residents' assembly; what everyone reads is the same without the reports."""

from django.utils.translation import gettext as _

from weiduan.outlook.insight.activity_words import KIND_TITLES as ACTIVITY_TITLES
from weiduan.outlook.insight.ballot_words import STATE_TITLES as BALLOT_TITLES
from weiduan.outlook.insight.compact_words import KIND_TITLES as COMPACT_TITLES
from weiduan.outlook.insight.project_words import STATE_TITLES as PROJECT_TITLES
from weiduan.outlook.insight.told.monthly_words import asked_section, due_tables, report_values
from weiduan.outlook.insight.told.sections import Cell, Section, Table
from weiduan.outlook.insight.told.yearly import Voted, Yearly, YearOfReports
from weiduan.systems.services.projects.rules import yuan_of

WITHIN = ("organisation",)  # what falls due of these is for staff alone


def told_year(found: Yearly) -> list[Section]:
    """Tell a year, section by section."""
    reports = [_reports(found.reports)] if found.reports is not None else []
    return [
        *reports, _decided(found), _bodies(found), _activities(found), _projects(found), asked_section(found.asked), _next(found),
    ]  # fmt: skip


def _reports(one: YearOfReports) -> Section:
    counts = one.counts
    values = report_values(counts, overdue=one.overdue, disputed=one.disputed)
    sentences = [_("%(told)s matters were told in the year.") % values]
    if counts.answered:
        sentences.append(
            _("%(answered)s were answered in it: %(in_time)s in time (%(share)s %%), %(late)s after their time.")
            % values
        )
    sentences += [
        _("Of %(confirmed)s those who told them say they are solved, of %(disputed)s that they are not.") % values,
        _("%(no_word)s were closed because no word came within a week: neither solved nor not.") % values,
        _("%(left_out)s were joined to another, not ours or withdrawn: they are in no rate.") % values,
        _("At the end of the year %(overdue)s were unanswered beyond their time.") % values,
        _("What was told in confidence is in no figure."),
    ]
    heads = [_("Kind of matter"), _("Told in this year")]
    rows: list[list[Cell]] = [[name, n] for name, n in one.kinds]
    return Section(
        "reports",
        _("What was told, and what became of it"),
        sentences,
        [Table(_("Matters by kind"), heads, rows)] if rows else [],
    )


def _decided(found: Yearly) -> Section:
    sentence = _("%(votes)s votes were counted, %(topics)s topics decided, %(compacts)s compacts came into force.") % {
        "votes": f"{len(found.votes):,}", "topics": f"{len(found.topics):,}", "compacts": f"{len(found.compacts):,}",
    }  # fmt: skip
    tables = []
    if found.votes:
        rows = [[f"{one.on:%Y-%m-%d}", one.title, _vote_words(one)] for one in found.votes]
        tables.append(Table(_("Votes counted"), [_("Day"), _("What was voted on"), _("How it ended")], rows))
    if found.topics:
        told = [
            [f"{one.on:%Y-%m-%d}", one.title, one.decision, one.result or _("not published yet")]
            for one in found.topics
        ]
        tables.append(
            Table(_("Topics decided"), [_("Day"), _("Topic"), _("What was decided"), _("What came of it")], told)
        )
    if found.compacts:
        rows = [
            [f"{one.on:%Y-%m-%d}", one.title, str(COMPACT_TITLES[one.kind]), str(one.number)] for one in found.compacts
        ]
        tables.append(Table(_("Compacts that came into force"), [_("Day"), _("Called"), _("Kind"), _("Version")], rows))
    return Section("decided", _("What residents decided"), [sentence], tables)


def _vote_words(one: Voted) -> str:
    if one.passed is not None:
        return _("carried") if one.passed else _("not carried")
    return "、".join(one.chosen) if one.chosen else str(BALLOT_TITLES[one.state])


def _bodies(found: Yearly) -> Section:
    if not found.bodies:
        return Section("bodies", _("Bodies and their terms"), [_("The unit has no body by which it governs itself.")])
    elected = [one for one in found.bodies if one.elected is not None and one.elected.year == found.year]
    sentence = _("The unit has %(n)s bodies; %(elected)s were elected in the year.") % {
        "n": len(found.bodies),
        "elected": len(elected),
    }
    rows = [
        [
            one.name,
            f"{one.elected:%Y-%m-%d}" if one.elected else _("never elected"),
            f"{one.due:%Y-%m-%d}" if one.due else "—",
        ]
        for one in found.bodies
    ]
    heads = [_("Body"), _("Elected on"), _("Next election due on")]
    return Section("bodies", _("Bodies and their terms"), [sentence], [Table(_("Bodies of the unit"), heads, rows)])


def _activities(found: Yearly) -> Section:
    one = found.activities
    values = {"held": f"{one.held:,}", "counted": f"{one.counted:,}", "attended": f"{one.attended:,}"}
    sentences = [_("%(held)s activities took place in the unit.") % values]
    if one.counted:
        sentences.append(_("At %(counted)s of them those who came were counted: %(attended)s together.") % values)
    rows: list[list[Cell]] = [[str(ACTIVITY_TITLES[kind]), n] for kind, n in one.kinds]
    tables = [Table(_("Activities by kind"), [_("Kind of activity"), _("How many took place")], rows)] if rows else []
    return Section("activities", _("What was on"), sentences, tables)


def _projects(found: Yearly) -> Section:
    if not found.projects:
        return Section("projects", _("Projects and their money"), [_("No project was for this unit.")])
    total = sum(one.released_fen for one in found.projects)
    sentence = _("%(n)s projects were for this unit; %(yuan)s yuan were released in the year.") % {
        "n": len(found.projects), "yuan": f"{yuan_of(total):,.2f}",
    }  # fmt: skip
    heads = [
        _("Project"),
        _("How it stands now"),
        _("Budget, yuan"),
        _("Set aside, yuan"),
        _("Released in the year, yuan"),
        _("Released in all, yuan"),
    ]
    rows = [
        [
            one.title, str(PROJECT_TITLES[one.state]),
            *(f"{yuan_of(fen):,.2f}" for fen in (one.budget_fen, one.set_aside_fen, one.released_fen, one.released_in_all_fen)),
        ]
        for one in found.projects
    ]  # fmt: skip
    return Section(
        "projects", _("Projects and their money"), [sentence], [Table(_("Accounts of the projects"), heads, rows)]
    )


def _next(found: Yearly) -> Section:
    due = [one for one in found.due if found.reports is not None or one.what not in WITHIN]
    sentences = []
    if found.topics_open:
        sentences.append(_("Still being talked over: %(titles)s.") % {"titles": "、".join(found.topics_open)})
    if found.compacts_open:
        sentences.append(_("Compacts on their way: %(titles)s.") % {"titles": "、".join(found.compacts_open)})
    sentences += [_("%(n)s things fall due next year.") % {"n": len(due)}]
    return Section("next", _("What stands out next year"), sentences, due_tables(due))
