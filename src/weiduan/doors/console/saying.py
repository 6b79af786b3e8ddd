"""Lines on the shell: what people wrote stands in them as words, and can't end a line, colour it, turn it round or begin another."""

import unicodedata

import click

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def say(line: str, *, err: bool = False) -> None:
    """Print one line; signs that can't be seen are written as their number."""
    click.echo(as_words(line), err=err)


def as_words(text: str) -> str:
    """Return a text with each sign that steers a terminal, or can't be seen, written as its number."""
    return "".join(f"\\u{ord(sign):04x}" if unicodedata.category(sign) in UNSEEN else sign for sign in text)
