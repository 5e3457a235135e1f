"""How the kernel's inner loops are compiled: kept on disk, run without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir
from numba.extending import intrinsic

from madang.ground.kernels import kernel

PREFETCH = "llvm.prefetch.p0"
READ, KEEP, DATA = 0, 3, 1
"""What it is told: to read, to be kept in all caches, data and not instructions."""

Function = TypeVar("Function", bound=Callable[..., Any])

COUNTS_REFERENCES: dict[str, Any] = {"_nrt": True}
BORROWS: dict[str, Any] = {"_nrt": False}
"""The loops make no array, and who calls them holds theirs: counting references to them at every call,
atomically as numba does, took half of the kernel's time. numba refuses a function that makes one."""


def compiled(function: Function) -> Function:
    """function compiled by numba."""
    return cast(Function, kernel(function, **BORROWS))


def inlined(function: Function) -> Function:
    """As compiled, and put into who calls it: handing all arrays over costs more than the work."""
    return cast(Function, kernel(function, **BORROWS, forceinline=True))


def compiled_with_arrays(function: Function) -> Function:
    """As compiled, for what makes arrays of its own."""
    return cast(Function, kernel(function, **COUNTS_REFERENCES))


def _fetched(_: Any, array: Any, index: Any) -> Any:
    """LLVM's prefetch of an array's element, as numba wants an operation of one's own written."""

    def written(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        whole, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, whole, whole, whole])
        bring = builder.module.declare_intrinsic(PREFETCH, (), kind)
        at = builder.bitcast(builder.gep(data, [given[1]]), byte)
        builder.call(bring, [at, whole(READ), whole(KEEP), whole(DATA)])
        return context.get_dummy_value()

    return numba.types.void(array, index), written


fetch = cast(Callable[[Any, Any], None], intrinsic(_fetched))
"""fetch(array, index) has this element come from memory while other work is done: waiting for it took most
of the kernel's time. It changes nothing, and an index out of the array does no harm."""
