"""What an opinion may be about, and the only rules by which one is taken away."""

from enum import StrEnum

LONGEST_WORDS, LONGEST_REASON, LONGEST_APPEAL, LONGEST_ANSWER = 1000, 200, 500, 500
OPINION_FORM = "weiduan.opinion"  # kind of form, whose draft leads to the receipt


class About(StrEnum):
    TOPIC = "topic"
    VERSION = "version"


class Removed(StrEnum):
    PERSON = "person"  # it tells who somebody is, or where somebody lives
    INSULT = "insult"
    UNLAWFUL = "unlawful"
    ADVERT = "advert"
    ELSEWHERE = "elsewhere"  # it is about something else; where to tell it is said
