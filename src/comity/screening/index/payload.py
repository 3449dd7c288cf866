"""A held entity as the bytes a segment keeps of it, one writing for one entity."""

import json

from comity.core.errors import VerificationError
from comity.core.ids import EntityId
from comity.screening.model import Profile


def write_profile(profile: Profile) -> bytes:
    """Write an entity; equal entities give equal bytes."""
    fields = [
        profile.entity_id,
        profile.dataset,
        profile.schema,
        profile.edition,
        int(profile.is_contested),
        {key: list(profile.properties[key]) for key in sorted(profile.properties)},
    ]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def read_profile(data: bytes) -> Profile:
    """Read an entity; raises `VerificationError` where the bytes are none."""
    try:
        entity, dataset, schema, edition, contested, properties = json.loads(
            data.decode("utf-8", "surrogatepass")
        )
        return Profile(
            entity_id=EntityId(str(entity)),
            dataset=str(dataset),
            schema=str(schema),
            properties={key: tuple(values) for key, values in properties.items()},
            edition=str(edition),
            is_contested=bool(contested),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise VerificationError(
            "an entity in the segment cannot be read: rebuild the index from the store"
        ) from error
