"""Parts of addresses."""


class Digits:
    """An area code: 12, 15, 18 or 21 digits."""

    regex = r"(?:\d{12}|\d{15}|\d{18}|\d{21})"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
