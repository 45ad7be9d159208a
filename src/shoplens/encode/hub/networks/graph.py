"""ONNX files changed in place: names, what is around a network, and what of it is needed at all."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import external_data_helper, helper

from shoplens.errors import MismatchError

_ONNX: Any = onnx
_EXTERNAL: Any = external_data_helper
_HELPER: Any = helper
MOST_INLINE = 1_900_000_000
"""A file of protobuf ends at 2 GiB."""


def finish(path: Path, names: Mapping[str, str]) -> None:
    """Give inputs and outputs their names here, and take out what the exporter noted of itself.

    Weights beside the file stay untouched.
    """
    model: onnx.ModelProto = _ONNX.load(str(path), load_external_data=False)
    rename(model, names)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for weight in model.graph.initializer:
        del weight.metadata_props[:]
    # Shapes of what is inside: whoever needs them infers them, and they would soon be wrong.
    del model.graph.metadata_props[:], model.graph.value_info[:]
    _ONNX.save(model, str(path))


def rename(model: onnx.ModelProto, names: Mapping[str, str]) -> None:
    """Rename values of a graph; one that has a new name already steps aside."""
    taken = {each for node in model.graph.node for each in (*node.input, *node.output)}
    aside = {new: f"{new}_inside" for new in names.values() if new in taken and new not in names}
    told = {**aside, **names}
    for node in model.graph.node:
        node.input[:] = [told.get(each, each) for each in node.input]
        node.output[:] = [told.get(each, each) for each in node.output]
    graph = model.graph
    for each in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        each.name = told.get(each.name, each.name)


def cut_out(model: onnx.ModelProto, inputs: Iterable[str], output: str) -> onnx.ModelProto:
    """Keep the nodes and weights that ``output`` needs.

    Raises:
        MismatchError: it needs another input too.
    """
    makers = {each: node for node in model.graph.node for each in node.output}
    weights = {each.name: each for each in model.graph.initializer}
    allowed = {each.name: each for each in model.graph.input if each.name in {*inputs}}
    needed: set[str] = set()
    asked = [output]
    while asked:
        name = asked.pop()
        if not name or name in needed:
            continue
        needed.add(name)
        if name in makers:
            asked += _asked(makers[name])
        elif name not in weights and name not in allowed:
            raise MismatchError(f"its output {output!r} needs the input {name!r} as well")
    nodes = [node for node in model.graph.node if needed.intersection(node.output)]
    outputs = [each for each in model.graph.output if each.name == output]
    # Not a copy of all with most of it taken out: that would be gigabytes.
    cut = onnx.ModelProto(ir_version=model.ir_version, producer_name=model.producer_name)
    cut.opset_import.extend(model.opset_import)
    cut.functions.extend(model.functions)
    cut.graph.name = model.graph.name
    cut.graph.node.extend(nodes)
    cut.graph.input.extend(each for name, each in allowed.items() if name in needed)
    cut.graph.output.extend(outputs)
    cut.graph.initializer.extend(each for name, each in weights.items() if name in needed)
    return cut


def _asked(node: onnx.NodeProto) -> list[str]:
    """Name what a node takes, its inner graphs included."""
    names = list(node.input)
    for attribute in node.attribute:
        for inner in (attribute.g, *attribute.graphs):
            made = {each for one in inner.node for each in one.output}
            names += [each for one in inner.node for each in _asked(one) if each not in made]
            names += [each.name for each in inner.output if each.name not in made]
    own = {each.name for attribute in node.attribute for each in attribute.g.initializer}
    own |= {each.name for attribute in node.attribute for each in attribute.g.input}
    return [each for each in names if each not in own]


def load_whole(path: Path) -> onnx.ModelProto:
    """Read a network with the weights beside it.

    Raises:
        MismatchError: it is damaged, or its weights are not there.
    """
    try:
        model: onnx.ModelProto = _ONNX.load(str(path), load_external_data=False)
        _EXTERNAL.load_external_data_for_model(model, str(path.parent))
    except (OSError, ValueError, onnx.checker.ValidationError, DecodeError) as error:
        raise MismatchError(
            f"{path} is no whole ONNX file ({' '.join(str(error).split())[:200]}); fetch it again"
        ) from error
    return model


def save(model: onnx.ModelProto, path: Path) -> None:
    """Write a network; where one file cannot hold its weights, they go to ``NAME.onnx.data``."""
    weights = sum(len(each.raw_data) for each in model.graph.initializer)
    if weights > MOST_INLINE:
        _EXTERNAL.convert_model_to_external_data(model, location=f"{path.name}.data")
    _ONNX.save(model, str(path))


def set_metadata(path: Path, told: Mapping[str, str]) -> None:
    """Write what a file says of itself, in place of what it said."""
    model: onnx.ModelProto = _ONNX.load(str(path), load_external_data=False)
    del model.metadata_props[:]
    _HELPER.set_model_props(model, dict(told))
    model.producer_name = "shoplens"
    _ONNX.save(model, str(path))
