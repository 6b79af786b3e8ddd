"""What may never be: points, ranking or comparison of persons, check-in, tracks, time online, forced apps or photos.

The government forbids it in its own apps (国办函〔2026〕12号), and a rule of the design forbids it here. Looked at: what is kept, where
one can go, what people read, and in which order lists of persons come.
"""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from weiduan.doors.api.interface import api

ROOT = Path(__file__).parents[2]
OURS = [m for m in apps.get_models() if m.__module__.startswith("weiduan.")]
NEVER = re.compile(
    r"check_?in|sign_in_count|points?$|score|rank|online_time|track|install|leader_?board|badge|streak|level_up|reward|credit_score",
    re.IGNORECASE,
)
NEVER_READ = re.compile(
    r"积分|排名|排行|打卡|签到|评分|轨迹|在线时长|红黑榜|光荣榜|末位|星级评定|信用分|点赞数|活跃度|安装率|使用率排|"
    r"\b(rank(ed|ing)?|leader ?board|check-?in|scores?|streak|badge|reward points|time online)\b",
    re.IGNORECASE,
)
# A paper to be signed by hand, as the form has been called for decades; nobody signs in with a telephone.
READ_OTHERWISE = {"签到表"}
PERSONS = {
    "Person",
    "Membership",
    "Post",
    "Officer",
    "Volunteer",
    "ShiftPlace",
    "Attendance",
    "SignUp",
    "User",
    "RightHolder",
}


def test_nothing_of_the_kind_is_kept():
    fields = [f"{m.__name__}.{f.name}" for m in OURS for f in m._meta.get_fields() if f.concrete]
    assert [name for name in fields if NEVER.search(name.split(".")[1])] == []


def _addresses(resolver: URLResolver, before: str = ""):
    for pattern in resolver.url_patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, here)
        elif isinstance(pattern, URLPattern):
            yield here
            yield pattern.name or ""


def test_no_address_leads_to_it():
    ways = {*_addresses(get_resolver()), *api.get_openapi_schema()["paths"]}
    assert len(ways) > 300
    assert [way for way in ways if any(NEVER.search(part) for part in re.split(r"[/<>:_.-]", way))] == []


def _sentences() -> set[str]:
    """Return every text people read: both languages of the catalogues, and what stands in templates and shipped data."""
    texts = set()
    for path in (ROOT / "src").rglob("*.po"):
        for message in read_po(path.open("rb")):
            both = (message.id, message.string)
            texts |= {str(text) for part in both for text in (part if isinstance(part, list | tuple) else [part])}
    for kind in ("*.html", "*.csv", "*.typ", "*.js"):
        for path in (ROOT / "src").rglob(kind):
            if "vendor" not in path.parts:
                texts |= set(re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.M).splitlines())
    return texts


def test_no_text_speaks_of_it():
    found = [text for text in _sentences() if NEVER_READ.search(text)]
    assert [text for text in found if not any(said in text for said in READ_OTHERWISE)] == []


@pytest.mark.parametrize("planted", ["本月积分排名", "Ranking of volunteers", "请打卡签到", "score"])
def test_the_words_are_seen_where_they_are(planted):
    assert NEVER_READ.search(planted)


def test_no_list_of_persons_is_ordered_by_what_somebody_did():
    """Nothing sums, counts or orders per person: no model of persons is ordered by a number, no query groups by one."""
    ordered = [m.__name__ for m in OURS if m.__name__ in PERSONS and m._meta.ordering and issubclass(m, Model)]
    assert [name for name in ordered if name != "User"] == []
    summing = re.compile(
        r"values(?:_list)?\([^)]*[\"'](?:person|volunteer|user|made_by|handled_by|by)(?:_id)?[\"'][^)]*\)"
        r"[^\n]*\.annotate\([^\n]*(?:Sum|Count|Avg)"
    )
    found = [
        f"{path.name}: {match[0][:80]}"
        for path in (ROOT / "src").rglob("*.py")
        for match in summing.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
