"""A page: one HTML file that holds all it needs, and a policy that forbids everything else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from autograd.pictures.canvas.paper import safe
from autograd.pictures.canvas.themes import DARK, LIGHT, Colours

ASSETS = Path(__file__).with_name("assets")
_NAMES = "numbers chain_rule sentences source scopes layers places layout drawing stage"
_NAMES += " controls paths about link player start"
SCRIPTS = tuple([f"{name}.js" for name in _NAMES.split(" ")])
"""The scripts in order. A script uses only names of earlier scripts."""


class Parts(NamedTuple):
    """The files of a page, but for the frame that all pages have.

    Attributes:
        body: what is below the heading, with marks such as {{words.play}}.
        styles: one after the other.
        scripts: in order; a script uses only names of earlier scripts.
    """

    body: Path
    styles: tuple[Path, ...]
    scripts: tuple[Path, ...]


FRAME = ASSETS / "frame.html"
"""Head and heading of every page."""

_FRAME_STYLE = ASSETS / "frame.css"

PLAYER = Parts(ASSETS / "player.html", (ASSETS / "player.css",), tuple([ASSETS / name for name in SCRIPTS]))


def document(
    words: Mapping[str, str],
    lang: str,
    title: str,
    about: str,
    compute: str,
    data: Mapping[str, Any],
    parts: Parts = PLAYER,
) -> str:
    """The page as text.

    Args:
        words: the strings of the body.
        about: what stands beside the heading.
        compute: a module of JavaScript that has a function or an object named compute.
        data: what the script reads.
        parts: the files of the page.
    """
    style = _style(_colours(), _FRAME_STYLE, *parts.styles)
    script = _tokens_apart(_short("\n".join([_scope(compute), *map(_inline, parts.scripts)])))
    filled = {f"words.{name}": escape(text) for name, text in words.items()}
    marks = {
        "lang": escape(lang),
        "title": safe(title),
        "about": escape(about),
        "policy": _policy(script, style),
        "style": style,
        "script": script,
        "data": _json(data),
        "body": _filled(_read(parts.body), filled),
    }
    return _filled(_read(FRAME), marks)


def embedded(words: Mapping[str, str], parts: Parts = PLAYER) -> dict[str, str]:
    """The markup of a body within another page, and the style to add to that of the page, both for a shadow root."""
    markup = _filled(_read(parts.body), {f"words.{name}": escape(text) for name, text in words.items()})
    return {"markup": markup, "style": _style("", *parts.styles)}


def _filled(template: str, marks: Mapping[str, str]) -> str:
    """The template with a text for each mark."""
    return re.sub(r"\{\{([\w.]+)\}\}", lambda match: marks[match[1]], template)


def asset(name: str) -> str:
    """The text of a file of this package."""
    return _read(ASSETS / name)


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def words_of(lang: str, folder: Path = ASSETS) -> dict[str, str]:
    """The strings of a language."""
    found: dict[str, str] = json.loads(_read(folder / f"words.{lang}.json"))
    return found


def spoken(words: Mapping[str, str], scripts: Sequence[Path] = PLAYER.scripts) -> dict[str, str]:
    """The strings that scripts read; the others are in the body alone."""
    text = "\n".join(map(_read, scripts))
    read = set(re.findall(r"\bwords\.(\w+)", text))
    begun = tuple(re.findall(r"\bwords\[`(\w+)\$", text))
    return {name: word for name, word in words.items() if name in read or name.startswith(begun)}


def languages(folder: Path = ASSETS) -> list[str]:
    """The languages that have strings."""
    return sorted(path.name.split(".")[1] for path in folder.glob("words.*.json"))


def _scope(module: str) -> str:
    """A module that defines compute(), as a constant: the names within it are its own."""
    body = re.sub(r"(?m)^export ", "", module)
    return f"const compute = (() => {{\n{body}\nreturn compute;\n}})();"


def _inline(path: Path) -> str:
    """A module in a scope of its own, which gives its exports to the others: all share one script."""
    text = re.sub(r"(?ms)^import .*?;\n", "", _read(path))
    exported = re.findall(r"(?m)^export (?:async )?(?:function|class|const) (?:(\w+)|\{ ([\w, ]+) \})", text)
    names = [name or several for name, several in exported]
    body = re.sub(r"(?m)^export ", "", text)
    given = f"const {{ {', '.join(names)} }} = " if names else ""
    gives = f"return {{ {', '.join(names)} }};\n" if names else ""
    return f"{given}(() => {{\n{body}{gives}}})();"


def _short(script: str) -> str:
    """The script without comments, indentation and spaces beside signs, which browsers do not need.

    Texts keep their spaces, and so does a line with a regular expression, or a template within another; so do + and -
    beside another sign, since `a - -b` has two of them.
    """
    lines = (_shortened(line.lstrip()) for line in script.splitlines())
    return "\n".join([line for line in lines if line])


def _shortened(line: str) -> str:
    code = _COMMENT.sub(r"\1", line)
    if _DIFFICULT.search(_BETWEEN.sub("", _TEXT.sub("", code))):
        return line
    texts = _TEXT.findall(code)
    parts = [_BETWEEN.sub(r"\1", _SIGN.sub(r"\1", part)) for part in _TEXT.split(code)]
    return "".join([part + text for part, text in zip(parts, [*texts, ""])]).rstrip()


_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|`(?:[^`\\$]|\\.|\$(?!{)|\${[^`{}]*})*`")
_COMMENT = re.compile(rf"^((?:[^\"'`/]|{_TEXT.pattern}|(?<= )/ )*)//.*")
_BETWEEN = re.compile(r"(?<=[\w)\]]) ([-+/%]) (?=[\w(\[])")
_DIFFICULT = re.compile(r"[\"'`/]")
_SIGN = re.compile(r" ?([=>{}();:,?&|<*!]+) ?")


def _style(first: str, *paths: Path) -> str:
    """These rules and those of files, without spaces that say nothing."""
    text = "\n".join([first, *map(_read, paths)])
    for long, short in ((": ", ":"), ("; ", ";"), (" { ", "{"), (";}", "}"), (" }", "}"), (", ", ",")):
        text = text.replace(long, short)
    return text


def _tokens_apart(script: str) -> str:
    """The script without what ends a script in HTML; a space between signs of JavaScript changes nothing."""
    return re.sub(r"<(?=!--|/?script)", "< ", script, flags=re.IGNORECASE)


def _json(data: Mapping[str, Any]) -> str:
    """The data as JSON that HTML can hold: no sign in it ends the element or a line, or is no character."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return re.sub("[<\u2028\u2029\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def _policy(script: str, style: str) -> str:
    """What the page may do: run this script and use this style, both known by their digests, and nothing else."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _colours() -> str:
    """The themes of pictures as variables of the page."""
    return f":root {{ {_variables(LIGHT)} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}"


def _variables(colours: Colours) -> str:
    return " ".join(f"--{name.replace(' ', '-')}: {colour};" for name, colour in colours.items())
