"""Which names a layer may have: they become attributes of an `nn.Module` and keys of its state.

The reserved names are written down once, here; a test holds them against the installed PyTorch.
"""

import builtins
import keyword
import re
from functools import cache

from netspec.expressions.syntax import FUNCTIONS
from netspec.expressions.tokens import WORDS
from netspec.resources import codegen_dir

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
_LAYER = re.compile(r"[A-Za-z_][A-Za-z_0-9]*(-[A-Za-z_0-9]+)*\Z")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,5})\Z")
MAX_NAME = 128

SCOPE_NAMES = frozenset(("input", "previous"))
"""What expressions and bottoms call the input of a scope and what stands before an entry."""

_MODULE_NAMES = """
    add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half init_weights ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters param_groups parameters register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ reset_parameters
    self set_extra_state set_submodule share_memory state_dict T_destination to to_empty train
    training type xpu zero_grad
"""
MODULE_NAMES = frozenset(_MODULE_NAMES.split())
"""What `nn.Module` has, and what the modules that netspec writes have beside it."""

SOURCE_NAMES = frozenset(
    {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    | {"self", "torch", "nn", "F", "Tensor", "Any", "Sequence", "math"}
    | {"model", "module", "layer", "results", "probe"}
    | {"for_inference", "fold_fixed", "fuse_conv_bn_eval", "fuse_conv_bn_weights", "pairwise"}
)
"""What means something in PyTorch source that is written for a network."""

CLASS_NAMES = SOURCE_NAMES | {"name", "result"}
"""What the network's class must not hide there: the variables of the main guard besides."""

FORWARD_NAMES = frozenset({"self", "torch", "nn", "F", "float", "len", "probe", "results"})
"""What the `forward` of a network may name besides helpers, so that no input can have the name."""


@cache
def helper_names() -> frozenset[str]:
    """The functions and classes that come along in such source where a layer needs them."""
    files = (codegen_dir() / "torch" / "helpers").iterdir()
    return frozenset(file.name.partition(".")[0] for file in files)


def value_problem(name: str, rule: str) -> tuple[str, str | None] | None:
    """Why a value can't be called so in expressions, and what to call it; `rule` is what they ask
    of the name. None for a good name.
    """
    if not is_identifier(name):
        return rule, None
    if name in SCOPE_NAMES or name in WORDS or name in FUNCTIONS:
        return f"`{name}` has a meaning of its own in expressions", f"say `{name}_`"
    return None


def is_identifier(name: str) -> bool:
    return _IDENTIFIER.match(name) is not None and len(name) <= MAX_NAME


def identifier_like(name: str) -> str | None:
    """Help with an identifier like the name; None where there is none."""
    cleaned = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:MAX_NAME]
    return f"did you mean `{cleaned}`?" if cleaned and is_identifier(cleaned) else None


def is_plain_number(name: str) -> bool:
    return _NUMBER.match(name) is not None


def problem(name: str) -> tuple[str, str | None] | None:
    """Why a layer can't be called so, and what to call it; None for a good name."""
    if is_plain_number(name):
        return None
    if _LAYER.match(name) is None or len(name) > MAX_NAME:
        rule = "a name is letters, digits and `_`, with `-` inside, or a plain number"
        return rule, identifier_like(name)
    if name in SCOPE_NAMES:
        return f"`{name}` has a meaning of its own in bottoms and expressions", f"say `{name}_`"
    if keyword.iskeyword(name):
        return f"`{name}` is a keyword of Python", f"say `{name}_`"
    if name in MODULE_NAMES or name.startswith("__"):
        return f"`{name}` is an attribute of every PyTorch module", f"say `{_bare(name)}_`"
    if name.startswith("_"):
        return "a name that begins with `_` may be one of PyTorch's own", f"say `{_bare(name)}`"
    return None


def _bare(name: str) -> str:
    """The name without the `_` around it; where it's nothing else, a name all the same."""
    return name.strip("_") or "layer"
