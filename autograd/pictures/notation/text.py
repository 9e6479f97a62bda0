"""Pieces of text, and how wide they are: pictures measure text themselves, so that it fits in every language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

COLUMNS = 80
"""Those of a terminal."""

FONTS = (
    "Helvetica, Arial, 'Liberation Sans', 'Noto Sans', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', "
    "'DejaVu Sans', sans-serif"
)
"""The fonts of SVG, in the order in which a viewer tries them for each character."""

WIDE_FONTS = (
    "'Noto Sans CJK KR', 'Noto Sans KR', 'Noto Sans CJK JP', 'Noto Sans CJK SC', 'Apple SD Gothic Neo', "
    "'Malgun Gothic', NanumGothic, 'WenQuanYi Zen Hei', sans-serif"
)
"""Those of a PNG for Chinese, Japanese and Korean: its library would take any font that has them, also with serifs."""


@dataclass(frozen=True)
class Run:
    """A piece of text in one style.

    Attributes:
        role: which colour of the theme it has: "ink", "muted", "positive" or "negative".
        size: in points.
    """

    text: str
    role: str = "ink"
    bold: bool = False
    size: float = 12.0

    @property
    def width(self) -> float:
        """How wide it is, in points."""
        return self.size * (_BOLD if self.bold else 1.0) * sum(_widths(self.text))

    def pieces(self) -> list[tuple[str, str]]:
        """The text in pieces, each with "sub" if it is a subscript, and "sup" if it stands high; in plain digits."""
        shifts = ["sub" if c in _LOW else "sup" if c in _HIGH else "" for c in self.text]
        pieces = groupby(zip(self.text, shifts), key=lambda pair: pair[1])
        return [("".join(c for c, _ in pair).translate(_PLAIN), shift) for shift, pair in pieces]


def by_width(text: str) -> list[str]:
    """The text in pieces: wide ones, of Chinese, arrows or emoji, and others. A mark stays with its character.

    >>> by_width("2 → 3 무게")
    ['2 ', '→', ' 3 ', '무게']
    """
    pieces: list[str] = []
    was_wide = False
    for character, width in zip(text, _widths(text)):
        if pieces and (width == 0.0 or (width >= _WIDE) == was_wide):
            pieces[-1] += character
        else:
            pieces.append(character)
            was_wide = width >= _WIDE
    return pieces


def is_wide(text: str) -> bool:
    """Whether a piece of by_width() is of Chinese, Japanese or Korean characters."""
    return any(unicodedata.east_asian_width(character) in ("W", "F") and ord(character) < 0x1F000 for character in text)


def printable(text: str) -> str:
    """The text on one line: a sign that cannot be drawn, or that changes the direction, becomes a replacement sign.

    Joiners stay between signs that they can join: emoji, and letters of Persian or Hindi.
    """
    shown = " ".join(text.split("\n"))
    joiners = {joiner.start() for joiner in _JOINER.finditer(shown)}
    return "".join(
        c if (c.isprintable() and c not in _TURNING) or i in joiners else "\N{REPLACEMENT CHARACTER}"
        for i, c in enumerate(shown)
    )


def cut(text: str, most: int) -> str:
    """The text, or its beginning and end if it has more characters than this."""
    if len(text) <= most:
        return text
    begin = (most - 1) * 2 // 3
    return f"{text[:begin]}…{text[begin + 1 - most :]}"


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(map(_columns_of, text))


def wrapped(pieces: Iterable[str], indent: str = "", room: int = COLUMNS) -> list[str]:
    """The pieces on lines of so many columns; all but the first begin with the indent."""
    lines = [""]
    for piece in pieces:
        if columns(f"{lines[-1]} {piece}") <= room and lines[-1].strip():
            lines[-1] += f" {piece}"
        elif not lines[-1]:
            lines[-1] = piece
        else:
            lines.append(indent + piece)
    return lines


def cut_to(text: str, most: int) -> str:
    """The text, or its beginning if it takes more columns than this."""
    return text if columns(text) <= most else f"{_beginning(text, most - 1)}…"


def cut_within(text: str, most: int) -> str:
    """The text, or its beginning and end if it takes more columns than this.

    >>> cut_within("layers.10.neurons.12.w.3", 18)
    'layers.10…s.12.w.3'
    """
    if columns(text) <= most:
        return text
    begin = _beginning(text, most // 2)
    end = _beginning(text[::-1], most - 1 - columns(begin))[::-1]
    return f"{begin}…{end.lstrip(''.join(c for c in end if _columns_of(c) == 0))}"


def _beginning(text: str, room: int) -> str:
    """As much of the beginning of a text as takes so many columns; there is more than that."""
    end = 0
    while (room := room - _columns_of(text[end])) >= 0:
        end += 1
    return text[:end]


def _columns_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def subscripted(name: str) -> str:
    """A name with the digits at its end as a subscript: w1 and w.1 are w₁."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    stem = stem.removesuffix(".").removesuffix("_") if digits else stem
    return stem + digits.translate(SUBSCRIPTS) if stem and stem[-1].isalpha() and digits.isascii() else name


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
SUPERSCRIPTS = str.maketrans("0123456789abcdefghijklmnoprstuvwxyz", RAISED)
_TURNING = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # right to left, and back

_BOLD = 1.07  # as wide as the regular font
_WIDE, _EMOJI, _OTHER = 1.0, 1.3, 0.6

# Helvetica's, in thousandths of the size, from the space to the tilde
_WIDTHS = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
]  # fmt: skip
_LOW, _HIGH = "₀₁₂₃₄₅₆₇₈₉₍₎", RAISED
_PLAIN = str.maketrans(_LOW, "0123456789()") | {high: chr(low) for low, high in SUPERSCRIPTS.items()}
_SMALL = frozenset(_LOW + _HIGH + "·")
_LARGE = frozenset("←→…—∞ΦΨψ")
_JOINS, _AS_EMOJI = "\N{ZERO WIDTH JOINER}", "\N{VARIATION SELECTOR-16}"
_JOINER = re.compile("(?<=[^\x00-\x7f\\s\u200c\u200d])[\u200c\u200d](?=[^\x00-\x7f\\s\u200c\u200d])")
_FIRST_EMOJI = "\u2600"
_SKINS = range(0x1F3FB, 0x1F400)  # colours of the emoji before
_JAMO = range(0x1160, 0x1200)  # the vowel and the end of a Korean syllable that is written in parts


def _widths(text: str) -> Iterator[float]:
    """How wide each character is, in units of the size. An emoji that is joined to another one adds nothing."""
    for before, character, after in zip(f" {text}", text, f"{text[1:]} "):
        if after == _AS_EMOJI:
            yield _EMOJI
        else:
            yield 0.0 if before == _JOINS and character >= _FIRST_EMOJI else _width_of(character)


@lru_cache(maxsize=4096)
def _width_of(character: str) -> float:
    """How wide a character is, in units of the size."""
    code = ord(character)
    if 32 <= code < 127:
        return _WIDTHS[code - 32] / 1000.0
    if character in _SMALL:
        return 0.36
    if character in _LARGE:
        return _WIDE
    if code >= 0x1F000:
        return 0.0 if code in _SKINS else _EMOJI
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf") or code in _JAMO:
        return 0.0
    return _WIDE if unicodedata.east_asian_width(character) in ("W", "F") else _OTHER
