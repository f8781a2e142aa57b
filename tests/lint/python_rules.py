"""Where Python makes a float, or reads one: by syntax alone, so a few honest lines are caught too.

Those stand in `allowed.py` with their reason.
"""

import ast
from collections.abc import Callable, Iterator

from tests.lint.finding import Finding

__all__ = ["findings_in_python"]

FLOAT_TYPES = {"float", "Float", "Double", "REAL", "Float64", "float64", "float32", "double"}
FLOAT_MODULES = {"math", "statistics", "numpy", "cmath"}
FRAMES = {"df", "fetchdf", "fetch_df", "fetchnumpy", "to_pandas", "to_numpy", "pl"}
FRAME_SUMS = {"mean", "median", "std", "var", "quantile", "pct_change", "astype", "from_float"}
# Reads numbers as floats unless told otherwise by the argument.
READERS = {
    "json.loads": "parse_float",
    "json.load": "parse_float",
    "json.JSONDecoder": "parse_float",
    "simplejson.loads": "use_decimal",
    "simplejson.load": "use_decimal",
    "msgspec.json.decode": "type",
    "msgspec.json.Decoder": "type",
    "pd.to_numeric": "dtype_backend",
    "pd.read_csv": "dtype",
    "pd.read_json": "dtype",
}
EXACT = ("Decimal", "Path", "Fraction")
# Names that hold a path here, and never a number.
PATHS = ("ROOT", "FOLDER", "STATIC", "folder", "path", "place", "parent", "directory", "_dir")


def findings_in_python(text: str) -> Iterator[Finding]:
    """Every float in a module's text, in no order."""
    tree = ast.parse(text)
    exact = _exact_names(tree)
    for node in ast.walk(tree):
        for rule, breaks in RULES.items():
            if breaks(node, exact):
                yield Finding(rule, getattr(node, "lineno", 0), ast.unparse(node).split("\n")[0])


def _is_literal(node: ast.AST, exact: set[str]) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _is_type(node: ast.AST, exact: set[str]) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in FLOAT_TYPES - {"double"}  # as in astype("float64")
    return _last_name(node) in FLOAT_TYPES


def _is_division(node: ast.AST, exact: set[str]) -> bool:
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
        return not (_is_exact(node.value, exact) or _is_exact(node.target, exact))
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return False
    return not (_is_path(node) or any(_is_exact(side, exact) for side in _sides(node)))


def _is_rounding(node: ast.AST, exact: set[str]) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == "round"


def _is_module(node: ast.AST, exact: set[str]) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return any(name.split(".")[0] in FLOAT_MODULES for name in names)


def _is_frame(node: ast.AST, exact: set[str]) -> bool:
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return is_method and _last_name(node.func) in FRAMES | FRAME_SUMS


def _is_reader(node: ast.AST, exact: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if _last_name(node.func) == "json" and not (node.args or node.keywords):
        return True  # response.json()
    wanted = READERS.get(_name(node.func))
    # msgspec takes its type by position too.
    is_told = wanted in {keyword.arg for keyword in node.keywords}
    return wanted is not None and not (is_told or (wanted == "type" and node.args[1:]))


RULES: dict[str, Callable[[ast.AST, set[str]], bool]] = {
    "literal": _is_literal,
    "type": _is_type,
    "division": _is_division,
    "rounding": _is_rounding,
    "module": _is_module,
    "frame": _is_frame,
    "reader": _is_reader,
}


def _exact_names(tree: ast.AST) -> set[str]:
    """Names that are said or seen to hold a Decimal or a path somewhere in the module."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            kind = ast.unparse(node.annotation).removesuffix(" | None")
            names |= {_target(node)} if kind in EXACT else set()
        elif isinstance(node, ast.Assign) and _makes_exact(node.value):
            names |= {name for target in node.targets if (name := _name(target))}
        elif isinstance(node, ast.FunctionDef) and node.returns:
            names |= {node.name} if ast.unparse(node.returns) in EXACT else set()
    return names


def _target(node: ast.arg | ast.AnnAssign) -> str:
    return node.arg if isinstance(node, ast.arg) else _name(node.target)


def _makes_exact(value: ast.AST) -> bool:
    return isinstance(value, ast.Call) and _last_name(value.func) in EXACT


def _is_exact(node: ast.AST, exact: set[str]) -> bool:
    """Whether an operand is visibly a Decimal: then the quotient is one, or Python refuses it."""
    if isinstance(node, ast.BinOp):
        return any(_is_exact(side, exact) for side in _sides(node))
    if isinstance(node, ast.UnaryOp):
        return _is_exact(node.operand, exact)
    if isinstance(node, ast.Call) and _name(node.func) in {"max", "min", "abs", "sum"}:
        return any(_is_exact(argument, exact) for argument in node.args)
    made_by = node.func if isinstance(node, ast.Call) else node
    return _makes_exact(node) or _name(made_by) in exact


def _is_path(node: ast.AST) -> bool:
    if not isinstance(node, ast.BinOp):
        return _last_name(node).endswith(PATHS)
    is_text = isinstance(node.right, ast.JoinedStr) or (
        isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
    )
    return is_text or _is_path(node.left)


def _sides(node: ast.BinOp) -> tuple[ast.AST, ast.AST]:
    return node.left, node.right


def _name(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _last_name(node: ast.AST) -> str:
    return _name(node).rpartition(".")[2]
