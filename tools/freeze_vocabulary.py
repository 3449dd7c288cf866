"""Freeze the FollowTheMoney vocabulary into `src/comity/message/ftm.json`.

Run with the interpreter of an environment that holds `followthemoney==4.11.2`; the product
itself never imports it:

    python -m venv ftm && ftm/bin/pip install followthemoney==4.11.2
    ftm/bin/python tools/freeze_vocabulary.py > src/comity/message/ftm.json

A schema lists only the properties it brings itself; inheritance is resolved when the file is
read. Reverse properties (`stub`) take no values: they are the `reverse` of one that does.
"""

import json
import sys
from importlib.metadata import version

from followthemoney import model
from followthemoney.property import Property
from followthemoney.schema import Schema
from followthemoney.types import registry

_NAMED = ("country", "gender", "language", "topic")


def main() -> None:
    """Write the vocabulary to standard output."""
    frozen = {
        "origin": f"followthemoney {version('followthemoney')}",
        "licence": "MIT",
        "types": {kind.name: kind.max_length for kind in registry.types},
        "names": {name: _names(name) for name in _NAMED},
        "schemata": {schema.name: _schema(schema) for schema in model},
    }
    text = json.dumps(frozen, indent=0, sort_keys=True, ensure_ascii=False)
    sys.stdout.write(text + "\n")


def _names(name: str) -> dict[str, str]:
    names: dict[str, str] = registry.get(name).names
    return dict(names)


def _schema(schema: Schema) -> dict[str, object]:
    own = {
        name: _property(prop)
        for name, prop in schema.properties.items()
        if prop.schema == schema and not prop.stub
    }
    return {
        "label": schema.label,
        "plural": schema.plural,
        "extends": sorted(parent.name for parent in schema.extends),
        "abstract": schema.abstract,
        "matchable": schema.matchable,
        "caption": list(schema.caption),
        "featured": list(schema.featured),
        "properties": own,
    }


def _property(prop: Property) -> dict[str, object]:
    found = {
        "label": prop.label,
        "type": prop.type.name,
        "limit": prop.max_length if prop.max_length != prop.type.max_length else None,
        "format": prop.format,
        "range": prop.range.name if prop.range else None,
        "reverse": prop.reverse.name if prop.reverse else None,
        "matchable": prop.matchable or None,
    }
    return {name: value for name, value in found.items() if value is not None}


if __name__ == "__main__":
    main()
