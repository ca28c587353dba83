"""Figures and names as people read them, safe to show whoever chose them."""

import unicodedata
from decimal import Decimal

from panda_addon.report.exact import EXACT, known

# Of what is smaller six digits behind the point would leave too few.
_SMALL = Decimal("0.0001")

# What stands where there is no name.
NONE = "(none)"


def plain(text: str) -> str:
    """A text without anything that a terminal would obey or that would move other text: it is escaped instead.

    Line ends, control characters, marks that turn the direction of writing, and halves of surrogate pairs.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )


def named(value: str | int | None) -> str:
    """The value of a field to be read, a fingerprint of a key shortened.

    A name that would look like another, or like none, for the spaces round it is put in quotes.
    """
    if value is None or value == "":
        return NONE
    text = str(value)
    if text.startswith("sha256:") and len(text) > 21:
        text = text[:19] + "…"
    return plain(f'"{text}"' if text == NONE or text != text.strip(" ") else text)


def short(value: str | int | None) -> str:
    """The same within a sentence, cut to 40 columns."""
    return cut(named(value), 40)


def whole(number: int) -> str:
    """A count, with commas."""
    return f"{number:,}"


def decimals(largest: Decimal) -> int:
    """How many digits behind the point tell sums of money apart, the largest of which is this."""
    size = largest.copy_abs()
    return 2 if size >= 10 or not size else 4 if size >= 1 else 6 if size >= _SMALL else 9


def money(amount: Decimal, places: int | None = None, *, most: int | None = None, sign: bool = False) -> str:
    """Dollars: `$1,234.56`, `$0.0003`. With `sign` also a plus is written. What rounds to nothing says so.

    With `places` it has so many digits behind the point, with `most` no more of them, but for zeros at the end, and
    without either as many as it takes to say something.
    """
    shown = amount.copy_abs()
    digits = places
    if digits is None:
        digits = _places(shown) if most is None else _said(shown, most)
    least = Decimal(1).scaleb(-digits)
    mark = "-" if amount < 0 else "+" if sign and amount else ""
    if 0 < shown < least / 2:
        return f"{mark}<${least:f}"
    if not amount and places is None:
        return "$0"
    return f"{mark}${shown.quantize(least, context=EXACT):,f}"


def spent(cost: Decimal, unpriced: int, places: int | None = None, *, most: int | None = None) -> str:
    """What some calls cost; where nothing of it is known to have cost anything and something is not known, that."""
    return money(cost, places, most=most) if known(cost, unpriced) else "unknown"


def changed(change: Decimal | None, places: int | None = None, *, most: int | None = None) -> str:
    """By how much a cost changed."""
    return "unknown" if change is None else money(change, places, most=most, sign=True)


def percent(part: Decimal | int, of: Decimal | int) -> str:
    """A share in percent; nothing of nothing is no share."""
    if not of:
        return "-"
    share = Decimal(part) / Decimal(of) * 100
    if 0 < abs(share) < 1:
        return "<1 %" if share > 0 else "-<1 %"
    return f"{share:,.0f} %"


def milliseconds(value: float | None) -> str:
    """A latency: `812 ms`, `8.1 s`, `2 m 14 s`."""
    if value is None:
        return "-"
    if value < 9.95:
        return f"{value:.1f} ms"
    if value < 999.5:
        return f"{value:.0f} ms"
    if value < 99_950:
        return f"{value / 1000:.1f} s"
    minutes, seconds = divmod(round(value / 1000), 60)
    return f"{minutes:,} m {seconds:02} s"


def counted(number: int, one: str, more: str | None = None) -> str:
    """A number with its noun: `1 call`, `2,000 calls`."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def cells_wide(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def cut(text: str, size: int) -> str:
    """A text that takes no more than so many columns, with a sign where something is left out."""
    if cells_wide(text) <= size:
        return text
    kept = text[:size]
    while cells_wide(kept) >= size:
        kept = kept[:-1]
    return kept + "…"


def wrapped(text: str, width: int) -> list[str]:
    """A sentence as lines of so many columns at most, broken between words."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cells_wide(lines[-1]) + 1 + cells_wide(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(cut(word, width))
    return lines


def _places(shown: Decimal) -> int:
    if shown >= 1 or not shown:
        return 2
    # Two digits that say something, and no fewer than cents.
    return _said(shown, min(1 - shown.adjusted(), 9))


def _said(shown: Decimal, most: int) -> int:
    """Of so many digits behind the point those that are no zeros at the end, but cents at least."""
    rounded = shown.quantize(Decimal(1).scaleb(-most), context=EXACT).normalize(EXACT)
    return max(-int(rounded.as_tuple().exponent), 2) if rounded else most
