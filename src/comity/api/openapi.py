"""The description of the API (OpenAPI 3.1), generated from the types that read and write."""

import re
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from comity.api.endpoint import LONGEST_NAME, Endpoint
from comity.api.files import described
from comity.api.problems import STATUSES, TABLE, Problem

Json = dict[str, object]
_SCHEMAS = "#/components/schemas/{name}"
_NAME: Json = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}


def document(endpoints: Sequence[Endpoint], *, base: str) -> Json:
    """Describe every endpoint with its types, an example, and every way it may refuse."""
    types = dict.fromkeys(kind for each in endpoints for kind in (each.takes, each.gives))
    refs, schemas = msgspec.json.schema_components([*types, Problem], ref_template=_SCHEMAS)
    named = dict(zip([*types, Problem], refs, strict=True))
    paths: dict[str, Json] = {}
    for each in endpoints:
        operation = _operation(each, gives=named[each.gives], takes=named[each.takes])
        if each.method == "GET":
            operation["parameters"] = [*_names(each.path), *_asked(each, schemas)]
        paths.setdefault(f"{base}/{_plain(each.path)}", {})[each.method.lower()] = operation
    for path, methods in described({str(status): _by(status) for status in STATUSES}).items():
        paths.setdefault(f"{base}/{path}", {}).update(methods)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Comity, officers' API",
            "version": "1",
            "description": "Every act of a person at a node. Each call is made by a person "
            "with a personal token, is authorised like a page, and is in the ledger where "
            "the act is.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {str(status): _refusal(status) for status in STATUSES},
        },
    }


def _operation(each: Endpoint, *, gives: object, takes: object) -> Json:
    operation: Json = {
        "operationId": each.name,
        "summary": each.about,
        "tags": [each.path.partition("/")[0]],
        "parameters": _names(each.path),
        "responses": {
            "200": {
                "description": (each.gives.__doc__ or "").partition("\n")[0],
                "content": {"application/json": {"schema": gives}},
            },
            **{str(status): _by(status) for status in STATUSES},
        },
    }
    if each.method == "POST":
        operation["requestBody"] = {
            "required": bool(each.example),
            "content": {"application/json": {"schema": takes, "example": dict(each.example)}},
        }
    return operation


def _by(status: int) -> object:
    return {"$ref": f"#/components/responses/{status}"}


def _names(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _NAME}
        for name in re.findall(r"{(\w+)", path)
    ]


def _asked(each: Endpoint, schemas: dict[str, Json]) -> Iterable[Json]:
    shape = schemas[each.takes.__name__]
    properties = cast("Json", shape["properties"])
    required = cast("list[str]", shape["required"])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in properties.items()
    ]


def _plain(path: str) -> str:
    return re.sub(r"{(\w+):\w+}", r"{\1}", path)


def _refusal(status: int) -> Json:
    codes = [code for code, (known, _) in TABLE.items() if known == status]
    return {
        "description": f"{TABLE[codes[0]][1]} ({', '.join(f'`{code}`' for code in codes)})",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
