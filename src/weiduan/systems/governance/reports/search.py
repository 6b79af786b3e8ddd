"""Find reports by words: the same answers on both databases (how a text is cut: grams.py)."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from .grams import gram, grams_of, pairs, runs
from .models import Report, SearchWords, Step

_ON_POSTGRESQL = "to_tsvector('simple', grams) @@ to_tsquery('simple', %s)"
_ON_SQLITE = "id IN (SELECT rowid FROM governance_search WHERE governance_search MATCH %s)"


def index(report: Report) -> None:
    """Let a report be found by what was told: its text, its place and what was added."""
    SearchWords.objects.update_or_create(report=report, defaults={"grams": grams_of(_told(report))})


def words_of_new(report: Report) -> SearchWords:
    """Return by which words a report just made is found, not kept yet."""
    return SearchWords(report=report, grams=grams_of(f"{report.text}\n{report.place}"))


def forget(report: Report) -> None:
    """Take a report out of the index. SQLite keeps what was taken out until it is merged, so that is done at once."""
    SearchWords.objects.filter(report=report).delete()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO governance_search(governance_search) VALUES ('optimize')")


def index_all() -> int:
    """Make the index anew from what is sealed, after a backup came back without it; return how many reports it holds."""
    SearchWords.objects.all().delete()
    for report in Report.objects.filter(words_erased_at=None).order_by("pk").iterator(chunk_size=500):
        index(report)
    return SearchWords.objects.count()


def index_missing(*, at: datetime) -> int:
    """Make entries anew that aren't there: PostgreSQL empties the table when it was killed or another server took over.

    Return how many. For the clock.
    """
    kept = Report.objects.filter(words_erased_at=None)
    if kept.count() <= SearchWords.objects.count():
        return 0
    missing = list(kept.filter(search_words=None).order_by("-told_at").values_list("pk", flat=True))
    return sum(_index_one(key) for key in missing)


@transaction.atomic
def _index_one(key: UUID) -> bool:
    """Index a report unless it is being erased just now."""
    report = Report.objects.select_for_update().filter(pk=key, words_erased_at=None).first()
    if report is not None:
        index(report)
    return report is not None


def with_words(words: str) -> QuerySet[SearchWords]:
    """Return the entries of reports in which all these words stand, just as written; none where no letter is asked for."""
    on_postgresql = connection.vendor == "postgresql"
    phrases = [_asked(run, on_postgresql) for run in runs(words)]
    if not phrases:
        return SearchWords.objects.none()
    where, both = (_ON_POSTGRESQL, " & ") if on_postgresql else (_ON_SQLITE, " AND ")
    return SearchWords.objects.extra(where=[where], params=[both.join(phrases)])


def _told(report: Report) -> str:
    added = Step.objects.filter(report=report, turn__isnull=False).order_by("turn")
    return "\n".join([report.text, report.place, *(step.words for step in added)])


def _asked(run: str, on_postgresql: bool) -> str:
    """Say a run as the database asks for it; one character alone is the beginning of a pair."""
    if len(run) == 1:
        return f"{gram(run)}:*" if on_postgresql else f"{gram(run)}*"
    whole = pairs(run)[:-1]
    return f"({' <-> '.join(whole)})" if on_postgresql else f'"{" ".join(whole)}"'
