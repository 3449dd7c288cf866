"""`GET /algorithms`: how scores come about, and what they are not."""

from comity.api.matching import shapes
from comity.api.matching.door import Call, Reply
from comity.screening.matching import Method

BEST = "best"
NAMES = ("comity",)
ABOUT = (
    "Names word by word, across scripts and spellings, and every other value beside them: each "
    "comparison is a log-likelihood ratio; with the intercept they sum to the logit of the "
    "score, a probability. It is calibrated on labelled pairs and holds under their share of "
    "true pairs{base}. It is NOT the chance that a candidate is the person asked for: among "
    "travellers or customers true pairs are far rarer. `match` says only that the score "
    "reaches the threshold: a suggestion to look. It decides nothing; a person judges every "
    "candidate."
)


def algorithms(call: Call) -> Reply:
    """Tell how scores are made."""
    told = _algorithm(call.gate.method())
    return Reply(
        body=shapes.AlgorithmsAnswer(algorithms=[told], default=told.name, best=told.name)
    )


def _algorithm(method: Method) -> shapes.Algorithm:
    base = "" if method.base_rate is None else f" ({method.base_rate:.0%})"
    features = {
        name: shapes.FeatureDoc(description=about, coefficient=1.0, url="")
        for name, about in method.features.items()
    }
    about = ABOUT.format(base=base)
    return shapes.Algorithm(
        name=NAMES[0],
        description=about,
        features=features,
        docs=shapes.AlgorithmDoc(
            name=NAMES[0], description=about, config={}, features=features
        ),
        version=method.version,
        base_rate=method.base_rate,
        intercept=method.intercept,
    )
