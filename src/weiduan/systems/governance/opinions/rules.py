"""What an opinion may be about, and the only rules by which one is taken away."""

from enum import StrEnum

LONGEST_WORDS = 1000


class About(StrEnum):
    TOPIC = "topic"
    VERSION = "version"


class Removed(StrEnum):
    PERSON = "person"  # it tells who somebody is, or where somebody lives
    INSULT = "insult"
    UNLAWFUL = "unlawful"
    ADVERT = "advert"
    ELSEWHERE = "elsewhere"  # it is about something else; where to tell it is said
