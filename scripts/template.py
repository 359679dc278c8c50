"""Asserts what a linter can't know of the function's template, and prints what SAM makes of it."""

import json
import os
import sys

os.environ["AWS_DEFAULT_REGION"] = "us-east-1"  # the transform asks for one; nothing is sent

from cfnlint.decode import cfn_yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

PACKED = "../target/lambda/atelier.zip"  # from the template's folder to what scripts/zip makes
SETTINGS = {"DATABASE_URL", "ATELIER_TOKEN", "ATELIER_LOG", "ATELIER_KEEP_INTERACTIONS", "ATELIER_KEEP_CARTS"}
# What SAM gives a role that may only write logs; it asks AWS for the others, of which there are none.
POLICIES = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}


def keys(node):
    """All names of properties in and below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from keys(value)
    elif isinstance(node, list):
        for value in node:
            yield from keys(value)


def check(template):
    """What the template breaks, as sentences."""
    parameters, resources = template["Parameters"], template["Resources"]
    of_type = lambda name: [it["Properties"] for it in resources.values() if it["Type"] == name]
    functions, routes = of_type("AWS::Serverless::Function"), of_type("AWS::ApiGatewayV2::Route")
    function = functions[0]
    rules = {
        "there is one function": len(functions) == 1,
        "its code is the zip that scripts/zip makes": function["CodeUri"] == PACKED,
        "its settings are those that it reads": set(function["Environment"]["Variables"]) == SETTINGS,
        "it runs where the zip's glibc is, and starts the zip's binary": function["Runtime"] == "provided.al2023"
        and function["Handler"] == "bootstrap",
        "it is for arm64 unless told otherwise": parameters["Architecture"]["Default"] == "arm64"
        and parameters["Architecture"]["AllowedValues"] == ["arm64", "x86_64"],
        "one route catches all": [route["RouteKey"] for route in routes] == ["$default"],
        "the function alone sends CORS headers": not {"Cors", "CorsConfiguration"} & set(keys(resources)),
        "secrets are not shown": all(parameters[name].get("NoEcho") for name in ("DatabaseUrl", "Token")),
    }
    return [rule for rule, holds in rules.items() if not holds]


def main(path):
    template = json.loads(json.dumps(cfn_yaml.load(path)))
    broken = check(template)
    if broken:
        sys.exit("".join(f"{path}: not so: {rule}\n" for rule in broken) + "scripts/template: failed")
    # Where the zip will be once it is uploaded: the transform takes no file.
    template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/atelier.zip"
    print(json.dumps(Translator(POLICIES, Parser()).translate(template, {}), indent=2))


main(sys.argv[1])
