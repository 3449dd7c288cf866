"""A curve drawn as SVG, by hand: both axes logarithmic, a line for each figure."""

from collections.abc import Mapping, Sequence
from math import log10

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 420, 70, 30, 60
LINES = (
    ("name and year, p50 ms", "#1d5fa8", "median, ms"),
    ("name and year, p99 ms", "#b3261e", "p99, ms"),
    ("resident, GiB", "#3c7a3c", "resident, GiB"),
)
_LOW, _HIGH = -2.0, 3.0


def curve(rows: Sequence[Mapping[str, float]]) -> str:
    """Draw time and memory against people held."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'role="img" font-family="sans-serif" font-size="13">',
        "<title>Time of a search and memory, against people held</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(int(_LOW), int(_HIGH) + 1):
        height = _y(10.0**power)
        parts.append(f'<path d="M{LEFT} {height:.1f}H{WIDTH - 20}" stroke="#dddddd"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{height:.0f}" text-anchor="end">{10.0**power:g}</text>'
        )
    for row in rows:
        people = row["people"]
        label = f"{people / 1e6:g} M" if people >= 1e6 else f"{people / 1e3:g} k"
        parts.append(
            f'<text x="{_x(people):.1f}" y="{HEIGHT - 38}" text-anchor="middle">{label}</text>'
        )
    for place, (key, colour, label) in enumerate(LINES):
        points = " ".join(f"{_x(row['people']):.1f},{_y(row[key]):.1f}" for row in rows)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{LEFT + 200 * place}" y="{HEIGHT - 12}" fill="{colour}">{label}</text>'
        )
    return "\n".join((*parts, "</svg>\n"))


def _x(people: float) -> float:
    return LEFT + 30 + (log10(people) - 4) / 4.1 * (WIDTH - LEFT - 80)


def _y(value: float) -> float:
    share = (log10(max(value, 10**_LOW)) - _LOW) / (_HIGH - _LOW)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
