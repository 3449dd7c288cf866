"""What a reconciliation service is and does, as `GET /reconcile/{dataset}` tells it."""

from markupsafe import escape

from comity.api.matching import asked
from comity.api.matching import reconcile_shapes as shapes
from comity.api.matching.door import Call, Reply
from comity.api.matching.kinds import about, types
from comity.screening.matching import DEFAULT, Held, Scope, caption, sources_in

SPACE = "https://followthemoney.tech/explorer/#"
"""Names the vocabulary; nothing is fetched there."""
SETTINGS = [
    shapes.Setting(
        name="limit",
        label="Limit",
        type="number",
        default=0,
        help_text="Most values of each property; 0 for all.",
    ),
    shapes.Setting(
        name="render",
        label="Form",
        type="select",
        default="caption",
        help_text="Words, or codes and ids as they are held.",
        choices=[
            shapes.Choice(value="caption", name="In words"),
            shapes.Choice(value="raw", name="As held"),
        ],
    ),
]


def manifest(call: Call) -> Reply:
    """Tell what the service is; the caller's query string goes on into every address."""
    dataset = call.path["dataset"]
    # A node tells nobody without a key which datasets it has: it knows none for them.
    known = call.gate.public().sources
    if known:
        sources_in(Scope(dataset=dataset), (source.name for source in known))
    titles = {source.name: source.title for source in known}
    base = f"{call.base}/reconcile/{dataset}"
    passed = f"?{call.query}" if call.query else ""
    page = f"{base}/preview/{{{{id}}}}{passed}"
    view = f"{call.base}/held/{{{{id}}}}" if call.gate.wants_key else page
    told = shapes.Manifest(
        versions=["0.2"],
        name=f"Comity: {titles.get(dataset, 'everything' if dataset == DEFAULT else dataset)}",
        identifierSpace=f"{call.base}/entities/",
        schemaSpace=SPACE,
        documentation=f"{call.base}/algorithms",
        batchSize=asked.QUERIES,
        view=shapes.Link(url=view),
        preview=None
        if call.gate.wants_key
        else shapes.Preview(url=page, width=430, height=600),
        suggest=shapes.Suggest(
            entity=_service(base, f"/suggest/entity{passed}"),
            property=_service(base, f"/suggest/property{passed}"),
            type=_service(base, f"/suggest/type{passed}"),
        ),
        extend=shapes.Extend(
            propose_properties=_service(base, f"/extend/property{passed}"),
            property_settings=SETTINGS,
            propose_settings=SETTINGS,
        ),
        defaultTypes=list(types()),
        authentication=_SECURITY if call.gate.wants_key else None,
    )
    return Reply(body=told)


_SECURITY = shapes.Security(type="apiKey", name="Authorization", in_="header")


def _service(url: str, path: str) -> shapes.Service:
    return shapes.Service(service_url=url, service_path=path)


def preview(call: Call) -> Reply:
    """Show one entity as a small page."""
    found = call.admit().entity(call.path["id"])
    return Reply(body=None, page=_page(found.held))


def _page(held: Held) -> str:
    values = {prop: "<br>".join(map(escape, each)) for prop, each in held.properties.items()}
    rows = "".join(
        f"<tr><th>{escape(prop)}</th><td>{cell}</td>" for prop, cell in sorted(values.items())
    )
    return (
        f'<!doctype html><meta charset="utf-8"><title>{escape(caption(held))}</title>'
        "<style>body{font:14px sans-serif}th{text-align:left;vertical-align:top}</style>"
        f"<h1>{escape(caption(held))}</h1><p>{escape(about(held))}</p><table>{rows}</table>"
    )
