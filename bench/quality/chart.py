"""The reliability curve as a picture: what the score says against what was found."""

from collections.abc import Sequence

from bench.quality.metrics import Bin

_SPACE = "http://www.w3.org/2000/svg"
_SIDE, _EDGE = 320, 48
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.line{fill:none;stroke:#1f5f8b;stroke-width:2}"
    ".even{stroke:#999;stroke-dasharray:4 4}.frame{fill:#fff;stroke:#999}.dot{fill:#1f5f8b}"
)


def picture(bins: Sequence[Bin], *, error: float) -> str:
    """Draw bins of equal mass as an SVG of its own."""
    whole = _SIDE + 2 * _EDGE
    points = [(_across(part.said), _up(part.found), part.count) for part in bins]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y, _ in points
    )
    return "\n".join(
        (
            f'<svg xmlns="{_SPACE}" viewBox="0 0 {whole} {whole}" role="img">',
            f"<title>Reliability of the score, expected error {error:.3f}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect width="{whole}" height="{whole}" fill="#fff"/>',
            f'<rect class="frame" x="{_EDGE}" y="{_EDGE}" width="{_SIDE}" height="{_SIDE}"/>',
            _line(),
            *_ticks(),
            f'<polyline class="line" points="{path}"/>',
            dots,
            f'<text x="{whole / 2}" y="{whole - 8}" text-anchor="middle">score says</text>',
            f'<text transform="translate(14 {whole / 2}) rotate(-90)" text-anchor="middle">',
            "one and the same</text>",
            "</svg>\n",
        )
    )


def _line() -> str:
    low, high = _across(0), _across(1)
    return f'<line class="even" x1="{low}" y1="{_up(0)}" x2="{high}" y2="{_up(1)}"/>'


def _ticks() -> list[str]:
    shares = [place / 5 for place in range(6)]
    below = [
        f'<text x="{_across(at):.1f}" y="{_up(0) + 18}" text-anchor="middle">{at:.1f}</text>'
        for at in shares
    ]
    beside = [
        f'<text x="{_EDGE - 6}" y="{_up(at) + 4:.1f}" text-anchor="end">{at:.1f}</text>'
        for at in shares
    ]
    return below + beside


def _across(share: float) -> float:
    return _EDGE + share * _SIDE


def _up(share: float) -> float:
    return _EDGE + (1 - share) * _SIDE
