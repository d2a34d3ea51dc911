"""Which model stands at which place of ``study.yaml``, or of another file."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from hepatica.protocol.model import Protocol
from hepatica.protocol.nodes import ListNode, MappingNode, Node, Path, ScalarNode


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type without ``None``; a plain type is its own alternative.

    Examples
    --------
    >>> members(int | str | None)
    (<class 'int'>, <class 'str'>)
    """
    if get_origin(annotation) is Annotated:
        return members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        found = (one for part in get_args(annotation) for one in members(part))
        return tuple(one for one in found if one is not NoneType)
    return (annotation,)


def model_of(annotation: Any, node: Node | None) -> type[BaseModel] | None:
    """Return the model that a node is read with; ``kind`` chooses where there are several."""
    models = [
        one for one in members(annotation) if isinstance(one, type) and issubclass(one, BaseModel)
    ]
    if len(models) < 2:
        return models[0] if models else None
    kind = node.entries.get("kind") if isinstance(node, MappingNode) else None
    wanted = kind.value if isinstance(kind, ScalarNode) else None
    return next((model for model in models if wanted in kinds_of((model,))), None)


def kinds_of(models: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the values of ``kind`` that choose among models."""
    return tuple(
        value
        for model in models
        if "kind" in getattr(model, "model_fields", {})
        for value in get_args(model.model_fields["kind"].annotation)
    )


def below(annotation: Any, node: Node | None, step: str | int) -> Any:
    """Return the type of what stands under a key or at a position; ``None`` when unknown."""
    model = model_of(annotation, node)
    if model is not None:
        field = model.model_fields.get(str(step))
        return None if field is None else field.annotation
    for one in members(annotation):
        if get_origin(one) is tuple and isinstance(step, int):
            return get_args(one)[0]
        if get_origin(one) in (dict, Mapping) and isinstance(step, str):
            return get_args(one)[1]
    return None


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        return node.entries.get(str(step))
    if isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _whole(root: Node) -> Any:
    """Return the model of the whole file."""
    return (root.model if isinstance(root, MappingNode) else None) or Protocol


def annotation_at(root: Node, path: Path) -> Any:
    """Return the type that is due at a path of the protocol; ``None`` when unknown."""
    annotation: Any = _whole(root)
    node: Node | None = root
    for step in path:
        annotation = below(annotation, node, step)
        node = _child(node, step)
    return annotation


def model_at(root: Node, path: Path) -> type[BaseModel] | None:
    """Return the model at a path of the protocol; ``None`` when there is none."""
    node: Node | None = root
    for step in path:
        node = _child(node, step)
    return model_of(annotation_at(root, path), node)


def locate(root: Node, location: tuple[str | int, ...]) -> tuple[Path, str]:
    """Return the path of a location of the model, and the alternative it was refused by.

    Where a type has alternatives the location names one of them; a path does not.

    Returns
    -------
    path : tuple of str or int
        Keys and positions of the file.
    alternative : str
        Name of the alternative when the location ends there, otherwise empty.
    """
    path: list[str | int] = []
    annotation: Any = _whole(root)
    node: Node | None = root
    steps = [step for step in location if step != "[key]"]
    alternative = ""
    while steps:
        if len(members(annotation)) > 1:
            alternative = str(steps.pop(0))
            annotation = _alternative(annotation, alternative)
            continue
        step = steps.pop(0)
        path.append(step)
        annotation = below(annotation, node, step)
        node = _child(node, step)
        alternative = ""
    return tuple(path), alternative


def _alternative(annotation: Any, name: str) -> Any:
    for one in members(annotation):
        if getattr(one, "__name__", "") == name or name in kinds_of((one,)):
            return one
    return None


def allowed_values(annotation: Any) -> tuple[Any, ...]:
    """Return the values of a type that lists them, otherwise nothing."""
    return tuple(
        value
        for one in members(annotation)
        if get_origin(one) is Literal
        for value in get_args(one)
    )
