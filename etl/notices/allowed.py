"""What a tenant's own words may do: put in what is known, and little that has no end.

A template is looked at before it is run. Nothing in it can be called, multiplied or nested in a
loop, so that what it comes to is no longer than itself, for each line of a letter.
"""

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from etl.errors import UsageError

__all__ = ["FACTS", "LINE", "refuse_more"]

FACTS = ("tenant", "customer", "reply_to", "today", "totals", "lines")
LINE = ("number", "amount", "on", "days_past_due", "note", "link")
LOOP = ("first", "last", "index", "length")
OVER = ("lines", "totals")
FILTERS = ("length", "upper", "lower", "title", "trim", "first", "last", "list", "default")
OF_TOTALS, OF_LINES = "join", "selectattr"
TESTS = ("defined", "none", "odd", "even")
COMPARED = ("gt", "ge", "lt", "le", "eq", "ne")
KINDS = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Filter,
    nodes.Test,
    nodes.Concat,
)


def refuse_more(world: ImmutableSandboxedEnvironment, source: str, where: str) -> None:
    """UsageError, with its line, for the first thing in a template that it may not do."""
    try:
        tree = world.parse(source)
        fault = next(_faults(tree, frozenset(FACTS)), None)
    except TemplateSyntaxError as error:
        raise _refusal(where, error.lineno, str(error.message)) from None
    except Exception:  # noqa: BLE001 - too deep, or a number too long: nobody means such a thing
        raise _refusal(where, 1, "it is too intricate") from None
    if fault:
        node, why = fault
        raise _refusal(where, node.lineno or 1, why)


def _refusal(where: str, line: int, why: str) -> UsageError:
    return UsageError(f"Line {line} of the {where} cannot be used: {why}. Nothing was changed.")


def _faults(
    node: nodes.Node, known: frozenset[str], *, loops: bool = False
) -> Iterator[tuple[nodes.Node, str]]:
    why = _fault(node, known, loops=loops)
    if why:
        yield node, why
        return
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        known, loops = known | {node.target.name, "loop"}, True
    for child in node.iter_child_nodes():
        yield from _faults(child, known, loops=loops)


def _fault(node: nodes.Node, known: frozenset[str], *, loops: bool) -> str | None:
    why: str | None = None
    match node:
        case nodes.Name():
            why = _fault_of_name(node, known)
        case nodes.For():
            why = _fault_of_loop(node, loops=loops)
        case nodes.Getattr():
            why = _fault_of_field(node)
        case nodes.Getitem(arg=arg) if not (isinstance(arg, nodes.Const) and arg.value == 0):
            why = "only the first of several can be taken out, as lines[0]"
        case nodes.Test(name=name) if name not in TESTS or node.args or node.kwargs:
            why = f"the test {name[:40]} is not among {', '.join(TESTS)}"
        case nodes.Filter():
            why = _fault_of_filter(node)
        case _ if not isinstance(node, KINDS):
            why = f"{type(node).__name__.lower()} is not among what letters can do"
    return why


def _fault_of_name(node: nodes.Name, known: frozenset[str]) -> str | None:
    if node.name in known:
        return None
    return f"there is no {node.name[:40]}; there are {', '.join(FACTS)}"


def _fault_of_loop(node: nodes.For, *, loops: bool) -> str | None:
    if loops:
        return "a loop stands in another"
    is_plain = isinstance(node.iter, nodes.Name) and node.iter.name in OVER
    if not is_plain or node.recursive:
        return f"a loop goes over {' or '.join(OVER)}"
    target = node.target
    if not isinstance(target, nodes.Name) or target.name in {*FACTS, "loop"}:
        return "a loop needs one name of its own, such as line"
    return None


def _fault_of_field(node: nodes.Getattr) -> str | None:
    is_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
    fields = LOOP if is_loop else LINE
    if node.attr not in fields:
        return f"there is no {node.attr[:40]}; there are {', '.join(fields)}"
    return None


def _fault_of_filter(node: nodes.Filter) -> str | None:
    given = [one.value if isinstance(one, nodes.Const) else None for one in node.args]
    has_more = node.kwargs or node.dyn_args or node.dyn_kwargs or None in given
    of = node.node.name if isinstance(node.node, nodes.Name) else ""
    if node.name == OF_TOTALS:
        is_good = of == "totals" and len(given) <= 1
    elif node.name == OF_LINES:
        is_good = of == "lines" and len(given) in {1, 3} and given[0] in LINE
        is_good = is_good and (len(given) == 1 or given[1] in COMPARED)
    else:
        is_good = node.name in FILTERS and len(given) <= (node.name == "default")
    if has_more or not is_good:
        return f"the filter {node.name[:40]} cannot be used like this"
    return None
