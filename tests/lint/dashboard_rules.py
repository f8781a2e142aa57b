"""What a page must not do itself: group, ask a database, reckon with money. By syntax alone.

Which names hold money is read from the catalogue of metrics, so a new column is covered at once.
"""

import ast
import re
from collections.abc import Iterator

from etl.metrics.catalogue import CATALOGUE
from tests.lint.finding import Finding

__all__ = ["findings_in_page"]

MONEY = frozenset(
    column.name
    for entry in CATALOGUE.values()
    for column in entry.metric.columns
    if column.kind == "money"
)
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
ADDING = frozenset({"sum", "fsum", "reduce", "accumulate"})
GROUPING = frozenset(
    {"groupby", "group_by", "pivot", "pivot_table", "agg", "aggregate", "resample", "crosstab"}
    | {"cumsum", "rolling", "value_counts"}
)
SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bdelete\s+from\b|\bupdate\b.+\bset\b"
    r"|\b(create|drop|alter)\s+(or\s+replace\s+)?(temp\s+)?(table|view|macro)\b",
    re.IGNORECASE | re.DOTALL,
)


def findings_in_page(text: str) -> Iterator[Finding]:
    """Every such place in a module's text, in no order."""
    tree = ast.parse(text)
    told = _docstrings(tree)
    for node in ast.walk(tree):
        rule = None if node in told else _broken(node)
        if rule:
            yield Finding(rule, getattr(node, "lineno", 0), ast.unparse(node).split("\n")[0])


def _broken(node: ast.AST) -> str | None:
    if _is_sql(node):
        return "sql"
    if isinstance(node, ast.Call | ast.ImportFrom) and _groups(node):
        return "grouping"
    return "money" if _reckons(node) and _names(node) & MONEY else None


def _is_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return bool(SQL.search("".join(_all_names(node))))
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and bool(SQL.search(node.value))


def _groups(node: ast.Call | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(alias.name in GROUPING for alias in node.names)
    return _last_name(node.func) in GROUPING


def _reckons(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return isinstance(node.op, ARITHMETIC)
    return isinstance(node, ast.Call) and _last_name(node.func) in ADDING


def _names(node: ast.AST) -> set[str]:
    """What is named anywhere in an expression, `amounts` as `amount`."""
    return {name.removesuffix("s") for name in _all_names(node)} | set(_all_names(node))


def _all_names(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value
        elif isinstance(inner, ast.Name | ast.Attribute):
            yield _last_name(inner)


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
