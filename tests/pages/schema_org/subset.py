"""Cuts the part that this site uses out of a release of schema.org, and answers questions about it.

    python -m tests.pages.schema_org.subset FOLDER

FOLDER is data/releases/<version> of https://github.com/schemaorg/schemaorg with schemaorg-current-https-types.csv and
-properties.csv. The vocabulary is licensed CC BY-SA 3.0 (https://creativecommons.org/licenses/by-sa/3.0/); what is cut
out keeps its names, parents, domains and ranges, and nothing else.
"""

import csv
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("subset.json")
TYPES = (
    "Answer", "BreadcrumbList", "DayOfWeek", "FAQPage", "ListItem", "MedicalClinic", "MedicalWebPage", "Offer",
    "OpeningHoursSpecification", "Person", "Physician", "PostalAddress", "Question", "Service", "WebPage",
)  # fmt: skip
PROPERTIES = (
    "acceptedAnswer", "address", "addressCountry", "addressLocality", "addressRegion", "closes", "dayOfWeek",
    "description", "email", "inLanguage", "item", "itemListElement", "itemOffered", "lastReviewed", "mainEntity",
    "name", "offeredBy", "openingHoursSpecification", "opens", "parentOrganization", "position", "postalCode", "price",
    "priceCurrency", "provider", "publisher", "reviewedBy", "streetAddress", "telephone", "text", "url",
)  # fmt: skip


@cache
def vocabulary() -> dict[str, Any]:
    """Types with their parents, properties with their domains and ranges."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def ancestors(kind: str) -> set[str]:
    """A type and everything that it is too."""
    parents: list[str] = vocabulary()["types"].get(kind, [])
    return {kind}.union(*(ancestors(parent) for parent in parents))


def cut(folder: Path) -> dict[str, Any]:
    """The part of a release."""
    types = {row["label"]: _names(row["subTypeOf"]) for row in _rows(folder, "types")}
    properties = {row["label"]: row for row in _rows(folder, "properties")}
    known: dict[str, list[str]] = {}
    waiting = list(TYPES)
    for name in PROPERTIES:
        waiting += [*_names(properties[name]["domainIncludes"]), *_names(properties[name]["rangeIncludes"])]
    while waiting:
        name = waiting.pop()
        if name in types and name not in known:
            known[name] = [parent for parent in types[name] if parent in types]
            waiting += known[name]
    return {
        "source": f"schema.org release {folder.name}, https://github.com/schemaorg/schemaorg",
        "licence": "CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/",
        "types": dict(sorted(known.items())),
        "properties": {
            name: {
                "domain": sorted(_names(properties[name]["domainIncludes"])),
                "range": sorted(_names(properties[name]["rangeIncludes"])),
            }
            for name in PROPERTIES
        },
    }


def _rows(folder: Path, what: str) -> list[dict[str, str]]:
    with (folder / f"schemaorg-current-https-{what}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _names(addresses: str) -> list[str]:
    return [address.strip().rsplit("/", 1)[-1] for address in addresses.split(",") if address.strip()]


if __name__ == "__main__":
    FILE.write_text(json.dumps(cut(Path(sys.argv[1])), indent=1) + "\n", encoding="utf-8")
