"""Checks that our OpenAPI document says all that another does: openapi.py OURS.json OTHER.yaml

Ours may have further headers of a response, examples of parameters, and its own descriptions and summaries. Everything else must be
equal, in any order of keys.
"""

import json
import sys

import yaml


PROSE = ("/description", "/summary")


def differences(ours, other, place):
    if place == "/info" or (isinstance(ours, str) and place.endswith(PROSE)):
        return
    if isinstance(ours, dict) and isinstance(other, dict):
        for key in other.keys() - ours.keys():
            yield f"{place}/{key} is missing"
        if not place.endswith("/headers"):
            examples = {"example"} if place.startswith("/components/parameters/") else set()
            for key in ours.keys() - other.keys() - examples:
                yield f"{place}/{key} is too much"
        for key in ours.keys() & other.keys():
            yield from differences(ours[key], other[key], f"{place}/{key}")
    elif isinstance(ours, list) and isinstance(other, list) and len(ours) == len(other):
        for index, (one, another) in enumerate(zip(ours, other)):
            yield from differences(one, another, f"{place}/{index}")
    elif type(ours) is not type(other) or ours != other:
        yield f"{place} is {ours!r}, not {other!r}"


with open(sys.argv[1], encoding="utf-8") as ours, open(sys.argv[2], encoding="utf-8") as other:
    found = sorted(differences(json.load(ours), yaml.safe_load(other), ""))
print(*found, sep="\n", end="\n" if found else "")
sys.exit(bool(found))
