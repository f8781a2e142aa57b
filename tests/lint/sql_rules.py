"""Where DuckDB's SQL makes a DOUBLE, which an exact sum must never meet."""

import re
from collections.abc import Iterator

from tests.lint.finding import Finding

__all__ = ["findings_in_sql"]

TYPES = r"double|float|float4|float8|real"
# Functions whose answer is a DOUBLE whatever they are given.
FUNCTIONS = (
    "avg|mean|favg|fsum|kahan_sum|sumkahan|geomean|geometric_mean|median|quantile|quantile_cont|"
    "percentile_cont|approx_quantile|reservoir_quantile|stddev|stddev_pop|stddev_samp|sem|variance|"
    "var_pop|var_samp|corr|covar_pop|covar_samp|entropy|kurtosis|skewness|regr_[a-z0-9]+|"
    "sqrt|cbrt|ln|log|log2|log10|exp|pow|power|random"
)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
TEXT = re.compile(r"'(?:[^']|'')*'")
RULES = {
    "division": re.compile(r"(?<!/)/(?!/)[^\n]*"),
    "power": re.compile(r"\*\*|\^(?!@)"),
    "type": re.compile(rf"\b(?:{TYPES})\b(?!\s*\()", re.IGNORECASE),
    "function": re.compile(rf"\b(?:list_)?(?:{FUNCTIONS})\s*\(", re.IGNORECASE),
    "literal": re.compile(r"\b\d+(?:\.\d*)?e[+-]?\d+", re.IGNORECASE),
}
# The types that from_json and read_json are told stand in a text.
TYPES_IN_TEXT = re.compile(rf"""["']\s*(?:{TYPES})\s*["']""", re.IGNORECASE)


def findings_in_sql(text: str) -> Iterator[Finding]:
    """Every DOUBLE in a file's text, rule by rule."""
    said = COMMENT.sub(_blank, text)
    for found in TYPES_IN_TEXT.finditer(said):
        yield _finding("type", text, found)
    bare = TEXT.sub(_blank, said)
    for rule, pattern in RULES.items():
        for found in pattern.finditer(bare):
            yield _finding(rule, text, found)


def _blank(found: re.Match[str]) -> str:
    """As long as before and on as many lines, so that what follows keeps its place."""
    return re.sub(r"[^\n]", " ", found.group())


def _finding(rule: str, text: str, found: re.Match[str]) -> Finding:
    return Finding(rule, text.count("\n", 0, found.start()) + 1, found.group().strip())
