"""What the one who asks knows of a person beside the name, and how it got there: with slips."""

from bench.quality.dice import Dice

Facts = dict[str, tuple[str, ...]]
_NUMBERS = ("passportNumber", "idNumber", "taxNumber", "registrationNumber", "imoNumber")
_KNOWN = {"birthDate": 0.8, "gender": 0.5, "birthPlace": 0.25}
_LANDS = (
    "sy",
    "iq",
    "ru",
    "cn",
    "de",
    "mx",
    "ir",
    "pk",
    "fr",
    "us",
    "co",
    "ua",
    "eg",
    "kr",
    "il",
)


def as_asked(held: Facts, dice: Dice) -> Facts:
    """Return what is known of the same one elsewhere: a part of it, most of it alike."""
    asked: Facts = {}
    for prop, values in sorted(held.items()):
        if values and dice.chance(_KNOWN.get(prop, 0.45)):
            asked[prop] = (_slipped(prop, dice.pick(values), dice),)
    return asked


def made_up(dice: Dice) -> Facts:
    """Return facts for a name that comes without any."""
    date = f"{1940 + dice.below(68)}-{1 + dice.below(12):02}-{1 + dice.below(28):02}"
    return {
        "birthDate": (date,),
        "gender": (dice.pick(("male", "female")),),
        "nationality": (dice.pick(_LANDS),),
    }


def made_alike(asked: Facts, held: Facts, dice: Dice) -> Facts:
    """Return the facts of another one that agree, by chance, with what is asked."""
    shared = dict(held)
    for prop in ("birthDate", "gender", "nationality", "country", "birthPlace"):
        if prop in asked and dice.chance(0.7):
            shared[prop] = asked[prop]
    return shared


def contradicting(held: Facts, dice: Dice) -> Facts:
    """Return the facts of a namesake: another birth date, mostly another land and sex too."""
    (born,) = held.get("birthDate", ("1970",))[:1]
    year = int(born[:4]) + dice.pick((-31, -24, -17, -11, -7, -4, 5, 8, 12, 19, 27))
    other: Facts = {"birthDate": (f"{year}-{1 + dice.below(12):02}-{1 + dice.below(28):02}",)}
    if dice.chance(0.6):
        other["nationality"] = (dice.pick(_LANDS),)
    if dice.chance(0.3):
        other["gender"] = (dice.pick(("male", "female")),)
    if dice.chance(0.3):
        other["passportNumber"] = (_number(dice),)
    return other


def date_slipped(born: str, dice: Dice) -> str:
    """Write a birth date as it is often met: rounded, swapped, one off, or struck wrong."""
    way = dice.below(100)
    if way < 70:
        return born
    if way < 82 or len(born) != 10:
        return born[:4]
    year, month, day = born.split("-")
    if way < 86 and int(day) <= 12:
        return f"{year}-{day}-{month}"
    if way < 91:
        return f"{int(year) + dice.pick((-1, 1))}-{month}-{day}"
    if way < 98:
        day = "01" if way < 94 else f"{1 + (int(day) + dice.below(27)) % 28:02}"
        return f"{year}-{'01' if way < 94 else month}-{day}"
    return f"{int(year) + dice.pick((-10, 10, -3, 4))}-{month}-{day}"


def _slipped(prop: str, value: str, dice: Dice) -> str:
    if prop == "birthDate":
        return date_slipped(value, dice)
    if prop in _NUMBERS:
        return _number_slipped(value, dice)
    if prop == "gender" and dice.chance(0.02):
        return "female" if value == "male" else "male"
    if prop in ("nationality", "citizenship", "country", "flag") and dice.chance(0.08):
        return dice.pick(_LANDS)
    if prop == "birthPlace" and dice.chance(0.5):
        return value.partition(",")[0]
    return value


def _number_slipped(value: str, dice: Dice) -> str:
    way = dice.below(100)
    if way < 60:
        return value
    if way < 75:
        at = 1 + dice.below(max(1, len(value) - 1))
        return value[:at] + dice.pick((" ", "-")) + value[at:]
    if way < 85:
        at = dice.below(len(value))
        return value[:at] + str(dice.below(10)) + value[at + 1 :]
    return _number(dice)


def _number(dice: Dice) -> str:
    return dice.pick("ABCDEFGHKLMNPRST") + str(1_000_000 + dice.below(8_999_999))
