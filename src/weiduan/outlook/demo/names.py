"""Word lists for the demo's names. Every name is made up from them; a likeness to anybody is chance."""

import numpy as np


def _words(text: str) -> list[str]:
    return text.split()


SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN_FIRST = "建国志明晓文春海玉秀永德家俊天思雨佳子成光世正宏振少红金立长庆丽荣学新安云兴泽宇浩欣静素桂淑兰凤月美"
GIVEN_SECOND = "军华平强勇明芳英霞敏杰涛超波辉刚健峰磊洋燕玲娟莉琴萍梅群珍清林生根福贵全友良忠义仁信诚宁康"

ESTATE_FIRST = _words(
    "凤凰 锦绣 金色 翠湖 阳光 怡湖 香榭 滨河 绿洲 盛世 御景 和谐 青江 凤鸣 蓝光 "
    "龙湾 春天 书香 碧水 桂花 银杏 芙蓉 丽景 康庄 瑞丰 天府 东方 水岸 星河 嘉和"
)
ESTATE_SECOND = _words("苑 花园 家园 雅居 名邸 华庭 新城 小区 佳园 雅苑 丽都 名都 尚城 公馆 半岛 花城")
ROADS = _words(
    "同心路 华金大道 青江中路 凤凰大道 红阳路 团结路 工农路 学府路 教育街 便民路 "
    "香岛大道 桂花巷 文化街 清泉大道 望川路 新河路 老川陕路 建设路 民主路 复兴街"
)
FAMILIES = "李王张刘陈杨赵黄周吴徐曾廖唐罗谢何林邓蒋"
NUMBERS = "一二三四五六七八九十"

LONGEST_STEM = 15  # names made from a village's name stay short enough for their column

PROPERTY, SELF, VILLAGE, EMPLOYER, NONE = "property", "self", "village", "employer", "none"


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Make up `count` names; four in five have two given characters."""
    surname = rng.integers(0, len(SURNAMES), count)
    # Few surnames are common and many rare: the square of a uniform draw leans to the front of the list.
    surname = (surname * rng.random(count)).astype(int)
    first = rng.integers(0, len(GIVEN_FIRST), count)
    second = rng.integers(0, len(GIVEN_SECOND), count)
    double = rng.random(count) < 0.8
    return [
        SURNAMES[s] + (GIVEN_FIRST[f] if two else "") + GIVEN_SECOND[t]
        for s, f, t, two in zip(surname.tolist(), first.tolist(), second.tolist(), double.tolist(), strict=True)
    ]


def phones(rng: np.random.Generator, count: int) -> list[str]:
    """Make up `count` numbers that look like mobile numbers; 154 has never been given to any network."""
    return [f"15400{number:06}" for number in rng.integers(0, 1_000_000, count).tolist()]


def numeral(number: int) -> str:
    """Write 1…99 in Chinese (三, 十二, 二十), more in figures."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    front = "" if tens == 0 else "十" if tens == 1 else NUMBERS[tens - 1] + "十"
    return front + (NUMBERS[ones - 1] if ones else "")


class UnitNames:
    """Gives the units of one village their names, none of them twice."""

    def __init__(self, village: str, rng: np.random.Generator) -> None:
        self.stem = village.removesuffix("社区").removesuffix("村")[:LONGEST_STEM]
        self.rng = rng
        self.taken: set[str] = set()
        self.phase = 0
        road = self.stem if self.stem.endswith(("路", "街")) else self.stem + "路"
        self.roads = [road, *(ROADS[i] for i in rng.permutation(len(ROADS))[:4])]

    def name(self, kind: str, group: int) -> str:
        """Return a fresh name for a unit of `kind` in residents' group `group` (1…)."""
        make = {
            "estate": self._estate,
            "courtyard": self._courtyard,
            "new_community": self._new_community,
            "settlement": lambda _group: f"{numeral(group)}组聚居点",
            "stockade": lambda _group: f"{self._family()}家寨",
        }[kind]
        for _try in range(30):
            name = make(group)
            if name not in self.taken:
                break
        else:
            name = f"{name}{numeral(sum(taken.startswith(name) for taken in self.taken) + 1)}区"
        self.taken.add(name)
        return name

    def address(self) -> str:
        """Return a street and a number."""
        return f"{self.roads[self.rng.integers(len(self.roads))]}{self.rng.integers(1, 200)}号"

    def _family(self) -> str:
        return FAMILIES[self.rng.integers(len(FAMILIES))]

    def _estate(self, _group: int) -> str:
        return ESTATE_FIRST[self.rng.integers(len(ESTATE_FIRST))] + ESTATE_SECOND[self.rng.integers(len(ESTATE_SECOND))]

    def _courtyard(self, group: int) -> str:
        if self.rng.random() < 0.3:
            return f"{numeral(group)}组{self._family()}家院子"
        return f"{self.address()}院"

    def _new_community(self, _group: int) -> str:
        self.phase += 1
        return f"{self.stem}新型社区{numeral(self.phase)}期"
