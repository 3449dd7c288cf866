"""Scores pairs by the algorithms of nomenklatura; runs in an environment of its own.

It reads jobs as JSON lines on standard input and answers each with one line; it never imports
our own code. First it says which versions it runs. A job is
`{"algorithm": "logic-v2", "pairs": [[QUERY, CANDIDATE], …]}`, entities as FollowTheMoney;
the answer is `{"scores": […], "seconds": CPU_SECONDS}`. `{"latin": [NAME, …]}` is answered by
`{"names": […]}`, written as the peer writes them.
"""

import json
import sys
import time
from importlib.metadata import version

from followthemoney import EntityProxy
from nomenklatura.matching import get_algorithm
from rigour.text import ascii_text


def main() -> None:
    """Answer until standard input ends."""
    told = {name: version(name) for name in ("nomenklatura", "rigour", "followthemoney")}
    _say(told)
    for line in sys.stdin:
        job = json.loads(line)
        if "latin" in job:
            _say({"names": [ascii_text(name) or name for name in job["latin"]]})
        else:
            _say(_score(job["algorithm"], job["pairs"]))


def _score(name: str, pairs: list[tuple[dict[str, object], dict[str, object]]]) -> object:
    algorithm = get_algorithm(name)
    if algorithm is None:
        return {"error": f"no algorithm `{name}`"}
    config = algorithm.default_config()
    proxies = [tuple(EntityProxy.from_dict(side) for side in pair) for pair in pairs]
    began = time.process_time()
    scores = [algorithm.compare(query, held, config).score for query, held in proxies]
    return {"scores": scores, "seconds": time.process_time() - began}


def _say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
