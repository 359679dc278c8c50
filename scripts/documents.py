"""What the documents hold, and whether it leads to something: for scripts/documents."""

import fnmatch
import os
import re
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
WORDS = 30  # at most, before the first command of README.md
# Made by who deploys; not in the repository.
MADE = {"deploy/.env"}
SUFFIXES = (".rs", ".md", ".toml", ".sh", ".yaml", ".yml", ".conf", ".sql", ".py", ".service", ".socket")

broken = []


def blame(document, line, what):
    broken.append(f"{document.relative_to(ROOT)}:{line}: {what}")


class Block:
    def __init__(self, language, line, why):
        self.language, self.line, self.why, self.lines = language, line, why, []

    def text(self):
        return "\n".join(self.lines) + "\n"


def blocks(document):
    """The fenced blocks, and what is between them as (line number, text)."""
    found, prose, block, why, indent = [], [], None, None, 0
    for number, line in enumerate(document.read_text().splitlines(), 1):
        fence = re.fullmatch(r"( *)```(\w*)", line)
        if block is None and fence:
            indent = len(fence[1])
            block = Block(fence[2], number, why)
        elif block is not None and fence:
            found.append(block)
            block = why = None
        elif block is not None:
            block.lines.append(line[indent:])
        else:
            comment = re.fullmatch(r" *<!-- not run: (.+) -->", line)
            if comment:
                why = comment[1]
            elif line.strip():
                why = None
            prose.append((number, line))
    if block is not None:
        blame(document, block.line, "this block has no end")
    return found, prose


def commands(document, block):
    """The commands of a `console` block as a script. What they say belongs into a block of its own."""
    script, goes_on = [], False
    for offset, line in enumerate(block.lines, 1):
        if goes_on:
            script.append(line)
        elif line.startswith("$ "):
            script.append(line[2:])
        elif line.strip():
            blame(document, block.line + offset, f"neither a command ('$ ..') nor marked as not run: {line}")
        goes_on = line.endswith("\\")
    return "\n".join(script) + "\n"


def tree():
    """All files and folders of the repository, by their paths in it."""
    paths = set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in {".git", "target"} and not name.startswith("target-")]
        here = Path(folder).relative_to(ROOT)
        paths.update(str(here / name) for name in [*folders, *files])
    return paths


def anchors(page):
    """The headings of a page, as links name them."""
    headings = [line.lstrip("#").strip().lower() for line in page.read_text().splitlines() if line.startswith("#")]
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings}


def look_up(document, prose, found, paths):
    """Links, and paths between backticks or of Rust files anywhere; a path may leave out folders at its beginning."""
    tops = {path for path in paths if "/" not in path and (ROOT / path).is_dir()}
    named = []
    for number, line in prose:
        named += [(number, token) for token in re.findall(r"`([^`]+)`", line)]
        for link in re.findall(r"\]\(([^)\s]+)\)", line):
            target, _, anchor = link.partition("#")
            if urllib.parse.urlparse(link).scheme in {"http", "https"}:
                continue
            page = document.parent / target if target else document
            if not page.exists():
                blame(document, number, f"the link {link} leads nowhere")
            elif anchor and anchor not in anchors(page):
                blame(document, number, f"there is no heading for #{anchor}")
    for block in found:
        for offset, line in enumerate(block.lines, 1):
            if block.language == "text":
                named += [(block.line + offset, token) for token in re.findall(r"[\w/.]+\.rs\b", line)]
    for number, token in named:
        if not re.fullmatch(r"[\w@.*-]+(/[\w@.*-]+)*/?", token) or token in MADE:
            continue
        if token.endswith(SUFFIXES) or ("/" in token and token.split("/")[0] in tops):
            token = token.rstrip("/")
            if not any(fnmatch.fnmatch(path, token) or fnmatch.fnmatch(path, f"*/{token}") for path in paths):
                blame(document, number, f"there is no {token}")


def routes():
    """The table of routes in README.md is the one in the code."""
    table = (ROOT / "atelier-core/src/http/endpoints.rs").read_text()
    served = re.findall(r'^ +(GET|POST|PUT) +"(/[^"]*)"', table, re.MULTILINE)
    readme = ROOT / "README.md"
    told = re.findall(r"^\| `(GET|POST|PUT) (/[^`]*)` \|", readme.read_text(), re.MULTILINE)
    if len(served) < 20 or told != served:
        only = [" ".join(route) for route in set(served) ^ set(told)]
        blame(readme, 1, f"its table of routes is not ENDPOINTS, in order: {only or 'another order'}")


def first_words():
    readme = ROOT / "README.md"
    before = readme.read_text().split("\n```", 1)[0]
    if len(before.split()) > WORDS:
        blame(readme, 1, f"{len(before.split())} words before the first command")
