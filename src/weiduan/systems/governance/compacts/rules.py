"""The stages of a compact, each entered only from the one before it, and what each needs."""

import hashlib
from enum import StrEnum

LONGEST_TITLE, LONGEST_TEXT = 60, 50_000
LONGEST_OFFICE, LONGEST_FILED_NUMBER = 60, 40
SUPPORT_FORM = "weiduan.support"  # kind of form, whose draft leads to the receipt


class Kind(StrEnum):
    COMPACT = "compact"  # 规约、公约
    CHARTER = "charter"  # 章程
    PROCEDURE = "procedure"  # 议事规则


class Stage(StrEnum):
    OPINIONS = "opinions"  # 征集民意
    DRAFTING = "drafting"  # 拟定草案
    REVIEW = "review"  # 提请审核
    VOTE = "vote"  # 审议表决
    FILING = "filing"  # 备案
    IN_FORCE = "in_force"  # 公布施行
    REPLACED = "replaced"
    GIVEN_UP = "given_up"


# Where one may go from each: forward one by one, back to the drafting table as long as nothing was decided.
NEXT: dict[Stage, tuple[Stage, ...]] = {
    Stage.OPINIONS: (Stage.DRAFTING, Stage.GIVEN_UP),
    Stage.DRAFTING: (Stage.REVIEW, Stage.OPINIONS, Stage.GIVEN_UP),
    Stage.REVIEW: (Stage.VOTE, Stage.DRAFTING, Stage.GIVEN_UP),
    Stage.VOTE: (Stage.FILING, Stage.DRAFTING, Stage.GIVEN_UP),
    Stage.FILING: (Stage.IN_FORCE, Stage.GIVEN_UP),
    Stage.IN_FORCE: (Stage.REPLACED,),
    Stage.REPLACED: (),
    Stage.GIVEN_UP: (),
}
MAY_EDIT = (Stage.OPINIONS, Stage.DRAFTING)
# A version that is neither decided for good nor given up; of a compact there is at most one.
UNDER_WAY = (Stage.OPINIONS, Stage.DRAFTING, Stage.REVIEW, Stage.VOTE, Stage.FILING)
LINE = (*UNDER_WAY, Stage.IN_FORCE)  # the whole way, for a page to show


def plain(text: str) -> str:
    """Return a text as it is kept: one sort of line ends, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def hash_of(title: str, text: str) -> str:
    """Return what support and votes are bound to; a ballot on this title and text has the same hash."""
    return hashlib.sha256(f"{plain(title)}\n{plain(text)}".encode()).hexdigest()


def is_way(stage: Stage, to: Stage) -> bool:
    """Tell whether one may go from a stage to another at all."""
    return to in NEXT[stage]
