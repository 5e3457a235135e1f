"""The API's reference as a page of the shell, drawn from the OpenAPI document: no script, no CDN."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from madang.ground.web.problems import BY_WORD, KINDS

METHODS = ("get", "post", "put", "patch", "delete")
Document = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body: its name, type in words, and what it means."""

    name: str
    kind: str
    required: bool
    description: str
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer of an operation: status, what it says, and the shape it has."""

    status: str
    description: str
    shape: str


@dataclass(frozen=True)
class Operation:
    """One address and method."""

    key: str
    method: str
    path: str
    summary: str
    description: str
    signed_in: bool
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[Answer, ...]

    @property
    def can_open(self) -> bool:
        """Whether a link is enough to try it."""
        return self.method == "GET" and not any(one.required for one in self.parameters)


@dataclass(frozen=True)
class Shape:
    """A named schema: its fields, or its choices."""

    name: str
    description: str
    fields: tuple[Field, ...]
    choices: tuple[str, ...]


def reference(api: NinjaAPI) -> Callable[[HttpRequest], HttpResponse]:
    """The view that shows what api offers."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        document: Document = api.get_openapi_schema()
        groups: dict[str, list[Operation]] = {}
        for tag, operation in _operations(document):
            groups.setdefault(tag, []).append(operation)
        context = {
            "api": api,
            "groups": groups,
            "shapes": list(_shapes(document)),
            "problems": KINDS,
            "document_url": reverse(f"{api.urls_namespace}:openapi-json"),
            "server": request.build_absolute_uri("/").rstrip("/"),
        }
        return render(request, "web/reference.html", context)

    return view


@require_safe
def problem(request: HttpRequest, word: str) -> HttpResponse:
    """What the `type` of a problem leads to: what it means and what to do."""
    if word not in BY_WORD:
        raise Http404
    return render(request, "web/problem.html", {"kind": BY_WORD[word]})


def _operations(document: Document) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                found = methods[method]
                yield (found.get("tags") or ["other"])[0], _operation(path, method, found)


def _operation(path: str, method: str, found: Document) -> Operation:
    return Operation(
        key=found["operationId"],
        method=method.upper(),
        path=path,
        summary=found.get("summary", ""),
        description=found.get("description", ""),
        signed_in=bool(found.get("security")),
        parameters=tuple(_parameter(one) for one in found.get("parameters", ())),
        body=_body(found),
        answers=tuple(_answer(status, one) for status, one in found["responses"].items()),
    )


def _parameter(one: Document) -> Field:
    schema = one.get("schema", {})
    said = one.get("description") or schema.get("description", "")
    return Field(one["name"], kind_of(schema), one.get("required", False), said, one["in"])


def _body(found: Document) -> str:
    content = found.get("requestBody", {}).get("content", {})
    return ", ".join(f"{kind}: {kind_of(one.get('schema', {}))}" for kind, one in content.items())


def _answer(status: Any, one: Document) -> Answer:
    content = one.get("content", {})
    shapes = [kind_of(body.get("schema", {})) for body in content.values()]
    return Answer(str(status), one.get("description", ""), ", ".join(shapes))


def _shapes(document: Document) -> Iterator[Shape]:
    schemas = document.get("components", {}).get("schemas", {})
    for name, schema in sorted(schemas.items()):
        required = set(schema.get("required", ()))
        fields = tuple(
            Field(key, kind_of(one), key in required, one.get("description", ""))
            for key, one in schema.get("properties", {}).items()
        )
        choices = tuple(str(one) for one in schema.get("enum", ()))
        yield Shape(name, schema.get("description", ""), fields, choices)


def kind_of(schema: Document) -> str:
    """A JSON schema in a few words: "string (uuid)", "list of City", "number or null"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(kind_of(one) for one in schema[key]))
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(f"“{one}”" for one in schema["enum"])
    if "const" in schema:
        return f"“{schema['const']}”"
    form = f" ({schema['format']})" if "format" in schema else ""
    return f"{schema.get('type', 'anything')}{form}"
