"""The survey workbook as data: its sheets, their columns, what each cell may hold.

Template, check, load, export and the demo all read this page. Titles are
Chinese because the workbook is; keys are what the code calls a column.
A row is a dict of column key to value: str, int, float, date or None for an empty cell.
Choices are stored by their key and shown by their title.
"""

from dataclasses import dataclass, field

TEXT, WHOLE, NUMBER, DATE, CHOICE, CODE, CODES = "text", "whole", "number", "date", "choice", "code", "codes"

GRID_KINDS = {"general": "一般网格", "dedicated": "专属网格"}
UNIT_KINDS = {
    "courtyard": "自然院落",
    "estate": "物业小区",
    "stockade": "寨子",
    "settlement": "新村聚居点",
    "new_community": "新型社区",
    "building": "楼栋",
}
MANAGEMENT = {
    "property": "物业服务企业",
    "self": "居民自管",
    "village": "村（社区）代管",
    "employer": "单位管理",
    "none": "无人管理",
}
ORGANISATION_KINDS = {"committee": "党委", "general_branch": "党总支", "branch": "党支部", "group": "党小组"}
MEMBER_STATES = {"active": "正常", "mobile": "流动", "transferring": "转接中", "suspended": "停止党籍"}
ROLES = {
    "secretary": "书记",
    "deputy_secretary": "副书记",
    "committee_member": "委员",
    "group_leader": "党小组组长",
    "grid_worker": "网格员",
    "grid_head": "网格长",
    "village_committee": "村（居）委会成员",
    "residents_group_leader": "村（居）民小组长",
    "owners_committee": "业委会成员",
    "courtyard_committee": "院委会成员",
    "self_management": "自管委成员",
    "venue_keeper": "微阵地管家",
}
PREMISES_ORIGINS = {
    "property_room": "小区物管用房",
    "vacated_room": "社区腾退功能用房",
    "state_shop": "国有闲置铺面",
    "other": "其他",
}
CONSENTS = {"yes": "同意", "no": "不同意", "not_asked": "未征询"}


@dataclass(frozen=True)
class Column:
    """One column: `kind` of value, most characters (`length`), and how many `digits` an area's code may have."""

    key: str
    title: str
    kind: str = TEXT
    required: bool = False
    choices: dict[str, str] = field(default_factory=dict)
    length: int = 100
    digits: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    note: str = ""
    example: str | int | float = ""
    personal: bool = False  # sealed when kept; never written to the ledger or a log


@dataclass(frozen=True)
class Sheet:
    """One sheet; `identity` are the columns that together name a row."""

    key: str
    title: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...]

    def column(self, key: str) -> Column:
        """Return the column called `key`."""
        return next(column for column in self.columns if column.key == key)


GRIDS = Sheet(
    "grids",
    "网格",
    (
        Column(
            "code",
            "网格编码",
            CODE,
            True,
            length=15,
            digits=(15,),
            note="15 位：村（社区）12 位编码 + 3 位序号",
            example="510113002002001",
        ),
        Column("name", "网格名称", required=True, length=40, example="01网格"),
        Column("kind", "网格类型", CHOICE, True, GRID_KINDS, example="一般网格"),
    ),
    ("code",),
)
UNITS = Sheet(
    "units",
    "基本单元",
    (
        Column(
            "code",
            "单元编码",
            CODE,
            True,
            length=21,
            digits=(18, 21),
            note="18 位：网格 15 位编码 + 3 位序号；楼栋再加 3 位，共 21 位",
            example="510113002002001001",
        ),
        Column("name", "单元名称", required=True, length=40, example="凤凰苑"),
        Column("kind", "单元类型", CHOICE, True, UNIT_KINDS, example="物业小区"),
        Column("households", "户数", WHOLE, True, low=0, high=100_000, note="整数，户", example=412),
        Column("population", "人口", WHOLE, low=0, high=500_000, note="可不填；整数，人", example=1120),
        Column("management", "管理方式", CHOICE, choices=MANAGEMENT, example="物业服务企业"),
        Column("address", "地址", length=100, example="石家碾路 1 号"),
        Column("lon", "经度", NUMBER, low=73, high=136, note="可不填；坐标系以“说明”页所选为准", example=104.2512),
        Column("lat", "纬度", NUMBER, low=3, high=54, example=30.8834),
    ),
    ("code",),
)
ORGANISATIONS = Sheet(
    "organisations",
    "党组织",
    (
        Column(
            "number",
            "组织编号",
            CODE,
            True,
            length=30,
            note="本地自编，全区不重复；字母、数字、短横",
            example="Z510113002002001",
        ),
        Column("name", "组织名称", required=True, length=60, example="石家碾社区01网格党支部"),
        Column("kind", "组织类别", CHOICE, True, ORGANISATION_KINDS, example="党支部"),
        Column("parent", "上级组织编号", CODE, length=30, example="W510113002002"),
        Column(
            "area",
            "所在区域编码",
            CODE,
            True,
            length=21,
            digits=(12, 15, 18, 21),
            note="镇街、村（社区）、网格或单元的编码",
            example="510113002002",
        ),
        Column(
            "covers",
            "覆盖的网格或单元",
            CODES,
            length=2000,
            digits=(15, 18, 21),
            note="网格或单元编码，多个用顿号隔开",
            example="510113002002001",
        ),
        Column("founded_on", "成立日期", DATE, True, example="2017-06-01"),
        Column("term_since", "本届开始", DATE, example="2017-06-01"),
        Column("term_due", "本届届满", DATE, note="有“本届开始”就要填", example="2022-06-01"),
    ),
    ("number",),
)
MEMBERS = Sheet(
    "members",
    "党员",
    (
        Column(
            "number",
            "人员编号",
            CODE,
            True,
            length=30,
            note="本地自编，全区不重复，不要用身份证号",
            example="P510113002002-0001",
        ),
        Column("name", "姓名", required=True, length=30, example="张示例", personal=True),
        Column(
            "contact", "联系电话", length=20, note="加密保存，只给管组织的人看", example="13800000000", personal=True
        ),
        Column(
            "organisation",
            "所在组织编号",
            CODE,
            True,
            length=30,
            note="党支部或党小组，只能有一个",
            example="X510113002002001001",
        ),
        Column("home", "居住单元编码", CODE, length=21, digits=(18, 21), note="可不填", example="510113002002001001"),
        Column("joined_on", "入党日期", DATE, True, example="2005-07-01"),
        Column("full_on", "转正日期", DATE, note="预备党员不填", example="2006-07-01"),
        Column("state", "状态", CHOICE, True, MEMBER_STATES, example="正常"),
    ),
    ("number",),
)
POSTS = Sheet(
    "posts",
    "任职",
    (
        Column(
            "person",
            "人员编号",
            CODE,
            True,
            length=30,
            note="党员用“党员”页里的编号；不是党员的另编一个",
            example="P510113002002-0001",
        ),
        Column("name", "姓名", length=30, note="不是党员的要填", example="张示例", personal=True),
        Column("contact", "联系电话", length=20, example="13800000000", personal=True),
        Column("role", "职务", CHOICE, True, ROLES, example="党小组组长"),
        Column(
            "organisation", "任职组织编号", CODE, length=30, note="组织里的职务填这里", example="X510113002002001001"
        ),
        Column(
            "area",
            "任职区域编码",
            CODE,
            length=21,
            digits=(12, 15, 18, 21),
            note="网格员、网格长填网格，其他填村（社区）或单元",
            example="",
        ),
        Column("since", "任职开始", DATE, True, example="2017-06-01"),
        Column("due", "任期届满", DATE, example="2022-06-01"),
    ),
    ("person", "role", "organisation", "area"),
)
PREMISES = Sheet(
    "premises",
    "候选用房",
    (
        Column("number", "用房编号", CODE, True, length=30, example="F510113002002-01"),
        Column("name", "用房名称", required=True, length=60, example="凤凰苑物管用房"),
        Column("origin", "来源", CHOICE, True, PREMISES_ORIGINS, example="小区物管用房"),
        Column(
            "area",
            "所在区域编码",
            CODE,
            True,
            length=21,
            digits=(12, 15, 18, 21),
            note="村（社区）、网格或单元的编码",
            example="510113002002001001",
        ),
        Column("address", "地址", length=100, example="6 栋旁"),
        Column("area_m2", "面积（㎡）", NUMBER, True, low=1, high=20_000, example=86),
        Column("lon", "经度", NUMBER, low=73, high=136, example=104.2513),
        Column("lat", "纬度", NUMBER, low=3, high=54, example=30.8835),
        Column("consent", "权属人意见", CHOICE, True, CONSENTS, example="同意"),
    ),
    ("number",),
)

SHEETS = (GRIDS, UNITS, ORGANISATIONS, MEMBERS, POSTS, PREMISES)
BY_KEY = {sheet.key: sheet for sheet in SHEETS}

COVER_TITLE = "说明"
COVER_AREA = "调查范围（区域编码）"
COVER_DATE = "调查日期"
COVER_COORDINATES = "坐标系"
COORDINATES = {"wgs84": "WGS 84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02"}

# Never part of the survey: how the template and the marked copy talk to the person who fills in.
HINT = "提示"
PROBLEM = "问题"
PROBLEMS_TITLE = "问题清单"
