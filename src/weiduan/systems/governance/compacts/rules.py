"""The stages of a compact, each entered only from the one before it, and what each needs."""

from enum import StrEnum

LONGEST_TITLE, LONGEST_TEXT = 60, 50_000


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
