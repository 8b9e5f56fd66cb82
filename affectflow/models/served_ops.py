"""What a served graph may do: compute, and nothing else.

A SavedModel is a program. TensorFlow's ``ReadFile`` and ``WriteFile`` read and write whatever the
user who loads it may, other operations run Python or speak to other machines, and all are free to
do so while a video is predicted. So a graph is looked through before it is loaded: its operations
are those that this project's exporters write, and none else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from affectflow.errors import InputError, first_few

_SHOWN = 5

# Values and variables; calls, loops and lists; shapes; images; arithmetic and networks.
_COMPUTE = """
Const Placeholder PlaceholderWithDefault Identity NoOp VarHandleOp ReadVariableOp AssignVariableOp
VarIsInitializedOp DisableCopyOnRead

PartitionedCall StatefulPartitionedCall While StatelessWhile If StatelessIf TensorListFromTensor
TensorListGetItem TensorListReserve TensorListSetItem TensorListStack

BroadcastTo ConcatV2 EnsureShape ExpandDims Fill GatherV2 OnesLike Pack Pad Range Reshape Shape
Size SparseToDense Split Squeeze StridedSlice Tile Transpose Unpack ZerosLike

DecodeImage DecodePng EncodePng DenseBincount ResizeBilinear ResizeNearestNeighbor ScaleAndTranslate

AddV2 All Any AvgPool BatchMatMulV2 BiasAdd Cast Conv2D Cumsum Equal Exp FloorDiv FloorMod Greater
GreaterEqual Less LessEqual LogicalAnd LogicalNot LogicalOr MatMul Max MaxPool Maximum Mean Min
Minimum Mul Neg NotEqual Pow Prod RealDiv Relu Round Rsqrt Select SelectV2 Sigmoid Softmax Sqrt
Square Sub Sum Tanh
"""
_SAVE = "MergeV2Checkpoints RestoreV2 SaveV2 ShardedFilename StaticRegexFullMatch StringJoin"

ALLOWED = frozenset(_COMPUTE.split())
"""Operations that only compute. A test exports what this project exports and looks for others."""

CHECKPOINT = frozenset(_SAVE.split())
"""With which every SavedModel's variables are saved and restored, on a name that the loader gives;
allowed where its saver alone comes to them."""


def check_ops(graph: Any, folder: object) -> None:
    """Refuses a graph with operations that do more than compute.

    Args:
        graph: the ``MetaGraphDef`` of a SavedModel.
        folder: of the model, for the message.

    Raises:
        InputError: naming the operations.
    """
    foreign = sorted(set(_foreign(graph)))
    if foreign:
        raise InputError(
            f"model {str(folder)!r} holds operations that no release of affectflow needs:"
            f" {first_few(foreign, _SHOWN)}. A model is a program, and these may read and"
            " write files. Predict with --trust-release (trusted=True) only if you trust whoever"
            " made it as you would with a program"
        )


def _foreign(graph: Any) -> Iterator[str]:
    functions = {f.signature.name: f for f in graph.graph_def.library.function}
    saver = {
        name.removeprefix("^").partition(":")[0]
        for name in (graph.saver_def.save_tensor_name, graph.saver_def.restore_op_name)
        if name
    }
    saving = [node for node in graph.graph_def.node if node.name in saver]
    others = [node for node in graph.graph_def.node if node.name not in saver]
    # What the loader may call besides: all functions that nothing of the saver leads to.
    roots = functions.keys() - _reached(saving, functions)
    roots |= set(graph.object_graph_def.concrete_functions) & functions.keys()
    called = chain(others, *(functions[name].node_def for name in roots))
    reached = roots | _reached(called, functions)
    for node in others:
        yield from _unknown(node, ALLOWED, functions)
    for name, function in functions.items():
        allowed = ALLOWED if name in reached else ALLOWED | CHECKPOINT
        for node in function.node_def:
            yield from _unknown(node, allowed, functions)
    for node in saving:
        yield from _unknown(node, ALLOWED | CHECKPOINT, functions)


def _unknown(node: Any, allowed: frozenset[str], functions: Any) -> Iterator[str]:
    if node.op not in allowed and node.op not in functions:
        yield node.op


def _reached(nodes: Iterable[Any], functions: Any) -> set[str]:
    """Names of the functions that nodes call, and those call."""
    found: set[str] = set()
    ahead = list(nodes)
    while ahead:
        node = ahead.pop()
        for name in _called(node):
            if name in functions and name not in found:
                found.add(name)
                ahead += functions[name].node_def
    return found


def _called(node: Any) -> Iterator[str]:
    yield node.op  # an operation may be a function's name
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        for function in value.list.func:
            yield function.name
