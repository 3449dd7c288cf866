"""Check digits that several kinds share."""


def mod_97(code: str) -> bool:
    """ISO 7064, MOD 97-10, over letters as two digits, the check digits last."""
    if not code.isascii() or not code.isalnum():
        return False
    return int("".join(str(int(char, 36)) for char in code)) % 97 == 1


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - sum of its digits
    return total % 10 == 0


def weighted(number: str, weights: tuple[int, ...]) -> int:
    """Return the sum of each digit times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def is_digits(number: str, length: int) -> bool:
    """Whether this is so many ASCII digits and nothing else."""
    return len(number) == length and number.isascii() and number.isdigit()
