"""Bytes that are almost right: seeded changes to genuine ones."""

from collections.abc import Callable, Iterator, Sequence

from comity.adapters.memory import SeededEntropy

_EVIL = (
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",  # an array of 2^64-1 items
    b"\xbb\x00\x00\x00\x01\x00\x00\x00\x00",  # a map of 2^32 pairs
    b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",  # a string longer than any memory
    *(b"\x9f", b"\xbf", b"\xff", b"\x5f"),  # indefinite lengths, and their end
    *(b"\xd9\x01\x02", b"\xd8\x23\x61\x28", b"\xc2\x41\xff"),  # a set, a regex, a bignum
    *(b"\xf9\x7e\x00", b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00"),  # not a number, infinity
    *(b"\x81" * 200, b"\xa1\x00" * 200, b"[" * 2_000, b'{"a":' * 500),  # depth
    *(b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae"),  # no text, or text turned round
    *(b"\n\n", b"\r\n", b"\xe2\x80\x94 ", b"18446744073709551616", b"-1", b"0x10", b"1e999"),
    *(b"NaN", b"null", b"A" * 5_000, b"../../../etc/passwd", b"%2e%2e/", b"\xd2\x84"),
)


def noises(seeds: Sequence[bytes], count: int, *, seed: bytes) -> Iterator[bytes]:
    """Yield so many changed copies of genuine bytes, the same for the same seed."""
    chance = SeededEntropy(seed)

    def draw(below: int) -> int:
        return int.from_bytes(chance.take(6), "big") % max(1, below)

    for _ in range(count):
        data = seeds[draw(len(seeds))]
        for _ in range(1 + draw(3)):
            data = _changed(data, draw(8), draw(len(data) + 1), seeds[draw(len(seeds))], draw)
        yield data


def _changed(data: bytes, how: int, at: int, other: bytes, draw: Callable[[int], int]) -> bytes:
    evil, head, tail = _EVIL[draw(len(_EVIL))], data[:at], data[at:]
    changes = (
        lambda: head + bytes([draw(256)]) + tail[1:],
        lambda: head,
        lambda: head + evil + tail,
        lambda: head + evil + tail[len(evil) :],
        lambda: head + other[draw(len(other) + 1) :],
        lambda: head + tail[:64] * 3 + tail[64:],
        lambda: tail[: 1 + draw(200)],
        lambda: head + tail[1 + draw(16) :],
    )
    return changes[how]()
