"""What is on in the demo: activities with places and waiting lists, series, a brand of a town, functions of a centre's rooms."""

import secrets
from datetime import date, datetime, timedelta

from django.utils import timezone

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.deliberation.raising import Raising
from weiduan.systems.services.activities.after import bring_topic, count_at_the_door, tell_after
from weiduan.systems.services.activities.changing import cancel
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.planning import Plan, plan, plan_series
from weiduan.systems.services.activities.signing_up import Coming, sign_up
from weiduan.systems.services.brands.actions import Facts as BrandFacts
from weiduan.systems.services.brands.actions import make_brand
from weiduan.systems.services.brands.models import Brand
from weiduan.systems.services.functions.actions import Facts, add_function
from weiduan.systems.venues.bookings.rules import Frequency, Repeat
from weiduan.systems.venues.facilities.models import Room
from weiduan.systems.venues.facilities.rules import Use

from .divisions import District

OLDEST = 31  # days: before that there was no unit to be active in
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BY = "demo"
BRAND = BrandFacts("邻里一家", "几个院落一起办活动：谁家有手艺，谁就当一回老师。")
# What the rooms of the first centre are for: room, kind, name, who runs it, for whom, days of the week, from, until.
FUNCTIONS = (
    (Use.AFTER_SCHOOL, "deputies", "代表接待日", "人大代表联络站", "辖区居民", (1,), 9 * 60 + 30, 11 * 60 + 30),
    (Use.DANCE, "cinema", "邻里影院", "社区文化专干", "辖区居民", (4,), 18 * 60 + 30, 20 * 60 + 30),
    (Use.TRAINING, "tea", "邻里茶园", "老年协会", "老年居民", (2, 3), 14 * 60 + 30, 16 * 60 + 30),
)  # fmt: skip


def activities(district: District, *, on: date, at: datetime) -> int:
    """Let the first village of the demo be active; return how many activities there are."""
    today, village = local_day(at), district.villages[0].code
    units = [place for place in places(village, on=today, levels=[Level.UNIT]) if place.level == Level.UNIT]
    if len(units) < 2 or (today - on).days < OLDEST:
        return 0
    brand = make_brand(village[:9] + "000", BRAND, since=today - 30 * DAY, by=BY, at=at - 30 * DAY)
    _to_come(units[0].code, units[1].code, brand, at)
    _over(village, units[0].code, brand, at)
    _series(village, at)
    _functions(village, brand, today, at)
    return Activity.objects.count()


def _when(at: datetime, days: int, hour: int) -> datetime:
    """Return a full hour so many days from now, in China."""
    return timezone.localtime(at).replace(hour=hour, minute=0, second=0, microsecond=0) + days * DAY


def _to_come(unit: str, next_unit: str, brand: Brand, at: datetime) -> None:
    """Plan one with places left, one that is full and waited for, one to just come to, one called off."""
    begins, asked = _when(at, 5, 15), at - 2 * DAY
    course = Plan(
        "剪纸体验课", "culture", "邻里艺术团", begins, begins + 2 * HOUR, "老师带剪刀和纸，孩子请家长陪同。", "架空层邻里角", capacity=20,
        waiting_capacity=10, brand=brand.pk,
    )  # fmt: skip
    _sign_up(plan(unit, course, opens=True, by=BY, at=asked), 7, asked)
    begins = _when(at, 8, 9)
    check = Plan(
        "免费量血压、测血糖", "health", "社区卫生服务站", begins, begins + 2 * HOUR, "请空腹前来。", "院落门口", capacity=12,
        waiting_capacity=6,
    )  # fmt: skip
    _sign_up(plan(unit, check, opens=True, by=BY, at=asked), 15, asked)
    begins = _when(at, 12, 19)
    show = Plan("坝坝电影", "culture", "院落管理委员会", begins, begins + 2 * HOUR, place="院落坝子", brand=brand.pk)
    plan(unit, show, by=BY, at=asked)
    begins = _when(at, 3, 10)
    walk = Plan("亲子徒步", "children", "志愿服务队", begins, begins + 3 * HOUR, place="院落大门集合", capacity=30)
    off = plan(next_unit, walk, opens=True, by=BY, at=asked)
    cancel(off.pk, "预报有大雨，改期另行通知。", by=BY, at=at - DAY)


def _sign_up(activity: Activity, people: int, at: datetime) -> None:
    for n in range(people):
        name = Coming(name=f"{n + 1}栋邻居") if n % 3 == 0 else Coming()
        sign_up(activity.pk, name, secrets.token_urlsafe(18), at=at + n * HOUR / 10)


def _over(village: str, unit: str, brand: Brand, at: datetime) -> None:
    """Let two have taken place: a course, and a morning of “I have something to say” that brought a topic."""
    begins, planned = _when(at, -6, 15), at - 20 * DAY
    course = Plan(
        "缝补小铺", "volunteers", "巧手志愿队", begins, begins + 2 * HOUR, place="架空层邻里角", capacity=10, brand=brand.pk
    )  # fmt: skip
    held = plan(unit, course, opens=True, by=BY, at=planned)
    _sign_up(held, 6, planned)
    count_at_the_door(held.pk, attended=9, walk_ins=4, by=BY, at=begins + 2 * HOUR)
    tell_after(held.pk, "补好十一件衣服、三个书包，下个月再来。", by=BY, at=begins + 3 * HOUR)
    begins = _when(at, -9, 9)
    say = plan(
        village,
        Plan("我有话说", "say", "社区居民委员会", begins, begins + 2 * HOUR, place="社区议事厅"),
        by=BY,
        at=planned,
    )
    bring_topic(
        say.pk, Raising("楼道加装扶手", "几位老人说，三楼以上楼道没有扶手，雨天上下楼不稳当。"), by=BY, at=begins + HOUR
    )
    count_at_the_door(say.pk, attended=14, walk_ins=14, by=BY, at=begins + 2 * HOUR)
    tell_after(say.pk, "十四位居民来说了话，一件事已提交议事。", by=BY, at=begins + 3 * HOUR)


def _series(village: str, at: datetime) -> None:
    """Plan what comes again each month: the fixed party day and the birthdays together."""
    begins = _when(at, 6, 14)
    monthly = Repeat(Frequency.MONTHLY, 1, 6)
    day = Plan("固定党日", "party_day", "社区党委", begins, begins + 2 * HOUR, place="党员之家")
    plan_series(village, day, monthly, by=BY, at=at)
    begins = _when(at, 10, 10)
    birthday = Plan(
        "集体生日会", "birthday", "社区居民委员会", begins, begins + 2 * HOUR, "当月过生日的老人，家人可以一起来。",
        "社区议事厅", capacity=30, waiting_capacity=10,
    )  # fmt: skip
    plan_series(village, birthday, monthly, opens=True, by=BY, at=at)


def _functions(village: str, brand: Brand, today: date, at: datetime) -> None:
    """Give rooms of the village's centre a function each, where it has the room."""
    for use, kind, name, run_by, for_whom, weekdays, opens, closes in FUNCTIONS:
        rooms = Room.objects.filter(facility__area__versions__code=village, facility__kind="centre", use=use.value)
        room = rooms.filter(until=None).order_by("pk").first()
        if room is not None:
            facts = Facts(
                kind, name, run_by, for_whom, weekdays, opens, closes, today, brand=brand.pk if kind == "tea" else None
            )
            add_function(room.pk, facts, by=BY, at=at)
