"""What a cell means: Table Schema translated into Arrow kernels.

A cell is judged as the reference implementation, frictionless 5.21, judges it: first its lexical
form by type, then each constraint of its field. Where that reading lets ambiguous or dangerous
text through we are stricter; the list is `STRICTER`, and a test holds it against the reference.

A column with few distinct values is judged once per distinct value.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .package import Field, whole_cell
from .problem import RuleInfo, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRICTER = {
    "integer": "ASCII digits with an optional sign, at most 18 significant ones: no underscores, "
    "no surrounding spaces, no digits of other scripts",
    "number": "a decimal in ASCII, at most 15 digits after leading zeros and 2 of exponent, which "
    "a 64-bit float tells apart: no underscores, no surrounding spaces, no NaN or infinity, no "
    "digits of other scripts",
    "date": "YYYY-MM-DD with two-digit month and day, in ASCII digits",
    "year": "four ASCII digits",
    "pattern": "matches the whole cell, alternatives grouped, no trailing line break left over",
    "categories": "enforced (frictionless keeps them without looking)",
    "uniqueKeys": "enforced (frictionless keeps them without looking)",
    "primaryKey": "no part of a key may be empty (frictionless refuses only a wholly empty key)",
}
"""Where a cell that frictionless 5.21 accepts is a fault here, by type, constraint or key."""

_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = (
    r"(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    rf"|{_LEAP_YEAR}-02-29)"
)
_DECIMAL = "|".join(
    [r"\.[0-9]{1,15}", *(rf"[0-9]{{{n}}}\.?[0-9]{{0,{15 - n}}}" for n in range(1, 16))]
)
_ANYTHING = "(?s:.*)"
_FORMS = {
    "integer": r"[+-]?0*[0-9]{1,18}",
    "number": rf"[+-]?0*(?:{_DECIMAL})(?:[eE][+-]?[0-9]{{1,2}})?",
    "date": _DATE,
    "year": r"[0-9]{4}",
    "boolean": r"(?:true|True|TRUE|1|false|False|FALSE|0)",
    # RFC 3986: a scheme, then anything; what follows is for the rule on addresses to judge.
    "uri": rf"[A-Za-z][A-Za-z0-9+.-]*:{_ANYTHING}",
}
"""Lexical forms as RE2 patterns of the whole cell; a plain string has none."""

_TRUE = ("true", "True", "TRUE", "1")
ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "year": pa.int64(),
}
"""The Arrow type of each supported Table Schema type's values."""

_COMPARE: dict[str, tuple[Callable[..., Any], str]] = {
    "minimum": (pc.less, "less than the minimum"),
    "maximum": (pc.greater, "more than the maximum"),
    "exclusiveMinimum": (pc.less_equal, "not more than the exclusive minimum"),
    "exclusiveMaximum": (pc.greater_equal, "not less than the exclusive maximum"),
}


def _rule(id: str, title: str, explanation: str) -> RuleInfo:
    return RuleInfo(f"cell-{id}", Severity.ERROR, title, explanation)


TYPE = _rule(
    "type",
    "A cell has the form of its column's type",
    "A number, date or address in another form would be read differently by different programs.",
)
CHECKS = {
    "required": _rule(
        "required",
        "A required cell is not empty",
        "The schema marks a column as required where a record means nothing without it.",
    ),
    "category": _rule(
        "category",
        "A cell holds a value of its column's vocabulary",
        "A value outside the vocabulary has no agreed meaning and drops out of every count.",
    ),
    "enum": _rule("enum", "A cell holds one of the listed values", "See the column's schema."),
    "pattern": _rule(
        "pattern",
        "A cell matches its column's pattern",
        "Identifiers and codes have one form, so that they can be cited, sorted and compared.",
    ),
    "minLength": _rule("min-length", "A cell is long enough", "See the column's schema."),
    "maxLength": _rule(
        "max-length", "A cell is not too long", "A long text belongs into its source, not here."
    ),
    "minimum": _rule("minimum", "A value is not below its minimum", "See the column's schema."),
    "maximum": _rule("maximum", "A value is not above its maximum", "See the column's schema."),
    "exclusiveMinimum": _rule(
        "exclusive-minimum", "A value is above its minimum", "See the column's schema."
    ),
    "exclusiveMaximum": _rule(
        "exclusive-maximum", "A value is below its maximum", "See the column's schema."
    ),
}
RULES = (TYPE, *CHECKS.values())

Explanation = tuple[str, str | None]
"""A message and, where one is known, a suggestion."""


@dataclass(frozen=True, slots=True)
class CellFaults:
    """The rows in which one check of one field fails.

    Attributes:
        rule: the check.
        field: the field.
        rows: the row numbers, from 0, ascending.
        explain: the message and suggestion for a cell's text.
    """

    rule: RuleInfo
    field: Field
    rows: NDArray[np.int64]
    explain: Callable[[str], Explanation]


def judge(
    field: Field, text: pa.ChunkedArray, missing_values: tuple[str, ...]
) -> Iterator[CellFaults]:
    """Judge every cell of a column by its field's type and constraints.

    Args:
        field: the column's field.
        text: its cells, as text or as dictionary-encoded text.
        missing_values: the texts that stand for an empty cell.

    Yields:
        The faults of each check that fails anywhere.
    """
    values, codes = _distinct(text)
    for rule, failed, explain in _judge_values(field, values, missing_values):
        mask = _numpy(failed)
        if not mask.any():
            continue
        rows = np.flatnonzero(mask if codes is None else mask[codes])
        if len(rows):
            yield CellFaults(rule, field, rows, cache(explain))


def typed(field: Field, text: pa.ChunkedArray, missing_values: tuple[str, ...]) -> pa.ChunkedArray:
    """A column's values in the Arrow type of its field; null where empty or of another form."""
    values, codes = _distinct(text)
    if codes is None and field.type == "string":
        return _present(text, missing_values, _form(field))
    result = _cast(field, _present(values, missing_values, _form(field)))
    if codes is not None:
        result = result.take(pa.array(codes))
    return result if isinstance(result, pa.ChunkedArray) else pa.chunked_array([result])


def coded(
    field: Field, text: pa.ChunkedArray, missing_values: tuple[str, ...]
) -> tuple[pa.Array, NDArray[np.int32]] | None:
    """A dictionary-encoded column's distinct values, typed, and for each row which it holds.

    Two texts may have one value (1, 01), and one of them may be null. None for other columns.
    """
    values, codes = _distinct(text)
    if codes is None:
        return None
    return _cast(field, _present(values, missing_values, _form(field))), codes


def _with_nulls(text: pa.StringArray, missing: pa.BooleanArray) -> pa.StringArray:
    """The same texts, null where missing; shares the memory of long columns instead of copying."""
    if text.offset or text.null_count or missing.offset:
        return pc.if_else(missing, pa.scalar(None, pa.string()), text)
    _, offsets, characters = text.buffers()
    valid = pc.invert(missing).buffers()[1]
    return pa.StringArray.from_buffers(len(text), offsets, characters, valid)


def _distinct(text: pa.ChunkedArray) -> tuple[pa.ChunkedArray | pa.Array, NDArray[np.int32] | None]:
    """The column itself; or, if dictionary-encoded, its distinct values and each row's index."""
    if not pa.types.is_dictionary(text.type):
        return text, None
    whole = text.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], text.type)
    return whole.dictionary, whole.indices.to_numpy()


def _numpy(mask: pa.ChunkedArray | pa.Array) -> NDArray[np.bool_]:
    if isinstance(mask, pa.ChunkedArray):
        return np.asarray(mask.to_numpy())
    return np.asarray(mask.to_numpy(zero_copy_only=False))


def _form(field: Field) -> str | None:
    return _FORMS.get("uri" if field.format == "uri" else field.type)


def _whole(form: str) -> str:
    """A form as a pattern of the whole cell; one with any end need not be followed to its end."""
    return (
        rf"\A(?:{form.removesuffix(_ANYTHING)})" if form.endswith(_ANYTHING) else whole_cell(form)
    )


def is_missing(values: Any, missing_values: tuple[str, ...]) -> Any:
    """Where a cell is empty, as a boolean array."""
    if missing_values == ("",):
        return pc.equal(values, "")
    return pc.is_in(values, value_set=pa.array(missing_values, pa.string()))


def _present(values: Any, missing_values: tuple[str, ...], form: str | None) -> Any:
    """The cells, null where empty or not of the form."""
    if isinstance(values, pa.ChunkedArray):
        present = (_present(chunk, missing_values, form) for chunk in values.chunks)
        return pa.chunked_array(present, pa.string())
    return _with_nulls(values, _without_value(values, missing_values, form))


def _without_value(values: Any, missing_values: tuple[str, ...], form: str | None) -> Any:
    """Where a cell is empty or not of the form."""
    missing = is_missing(values, missing_values)
    if form is None:
        return missing
    return pc.or_(missing, pc.invert(pc.match_substring_regex(values, _whole(form))))


def _cast(field: Field, values: Any) -> Any:
    """Texts of the right form as values of the field's type."""
    target = ARROW_TYPES[field.type]
    if field.type == "boolean":
        return pc.if_else(
            pc.is_null(values), pa.scalar(None, pa.bool_()), pc.is_in(values, pa.array(_TRUE))
        )
    if field.type in ("integer", "number"):
        values = pc.utf8_ltrim(values, characters="+")
    if field.type == "date":
        # The year 0000 has the form of a year, but no calendar date lies in it.
        zero = pc.starts_with(values, "0000")
        values = pc.if_else(zero, pa.scalar(None, pa.string()), values)
    result = values.cast(target)
    if field.type == "number":
        result = pc.add(result, 0.0)  # makes -0 the same value as 0
    return result


def _judge_values(
    field: Field, values: Any, missing_values: tuple[str, ...]
) -> Iterator[tuple[RuleInfo, Any, Callable[[str], Explanation]]]:
    missing = is_missing(values, missing_values)
    form = _form(field)
    known = values
    if form is not None:
        known = _cast(field, _present(values, missing_values, form))
        failed = pc.and_(pc.is_null(known), pc.invert(missing))
        yield TYPE, failed, lambda v: _explain_type(field, v)
    elif field.constraints or field.categories:
        known = _present(values, missing_values, None)
    for name, constraint in field.constraints.items():
        rule = CHECKS.get(name)
        if rule is None:  # `unique` concerns the whole column; see keys.py
            continue
        if name == "required":
            if constraint:
                yield rule, missing, lambda _: ("is required, but empty", _how(field))
            continue
        failed = _fails(field, name, constraint, known)
        yield rule, failed, _constraint_explanation(field, name, constraint)
    if field.categories:
        failed = pc.invert(pc.is_in(known, pa.array(field.vocabulary, pa.string())))
        failed = pc.and_(failed, pc.is_valid(known))
        yield CHECKS["category"], failed, lambda v: _explain_choice(v, field.vocabulary)


def _fails(field: Field, name: str, constraint: Any, known: Any) -> Any:
    """Where a value breaks a constraint; an empty cell breaks none but `required`."""
    if name == "maxLength" and (pc.max(pc.binary_length(known)).as_py() or 0) <= constraint:
        return pa.array(np.zeros(len(known), dtype=bool))  # no text has more characters than bytes
    if name in ("minLength", "maxLength"):
        compare = pc.less if name == "minLength" else pc.greater
        failed = compare(pc.utf8_length(known), constraint)
    elif name == "pattern":
        failed = pc.invert(pc.match_substring_regex(known, whole_cell(constraint)))
    elif name == "enum":
        allowed = _cast(field, pa.array([_lexical(item) for item in constraint], pa.string()))
        failed = pc.invert(pc.is_in(known, allowed))
        return pc.and_(failed, pc.is_valid(known))
    else:
        bound = _cast(field, pa.array([_lexical(constraint)], pa.string()))[0]
        failed = _COMPARE[name][0](known, bound)
    return pc.fill_null(failed, False)


def _lexical(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _constraint_explanation(
    field: Field, name: str, constraint: Any
) -> Callable[[str], Explanation]:
    if name == "pattern":
        return lambda value: _explain_pattern(field, constraint, value)
    if name == "enum":
        return lambda value: _explain_choice(value, tuple(map(_lexical, constraint)))
    if name in ("minLength", "maxLength"):
        few, remedy = ("few", "say more") if name == "minLength" else ("many", "shorten it")
        return lambda value: (
            f"has {len(value):,} characters, too {few}: the limit is {constraint:,}",
            remedy,
        )
    return lambda value: (f"{value} is {_COMPARE[name][1]} {constraint}", _how(field))


def _how(field: Field) -> str:
    """What belongs into a column, from its schema."""
    hint = f"{field.title}: {field.description}" if field.description else field.title
    if field.vocabulary:
        return f"{hint} One of: {', '.join(field.vocabulary)}"
    return f"{hint} For example: {field.example}" if field.example else hint


def _explain_choice(value: str, vocabulary: tuple[str, ...]) -> Explanation:
    simple = _simplified(value)
    near = [word for word in vocabulary if word.startswith(simple)]
    if len(near) != 1:
        near = difflib.get_close_matches(simple, vocabulary, 1, 0.6)
    remedy = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(vocabulary)}"
    return f"{quoted(value)} is not in the vocabulary", remedy


def _explain_pattern(field: Field, pattern: str, value: str) -> Explanation:
    plain = _ascii(value).strip()
    for candidate in (plain, plain.upper(), re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")):
        if candidate != value and _matches(pattern, candidate):
            return f"{quoted(value)} has not the form of this column", f"write {candidate}"
    example = f", such as {field.example}" if field.example else ""
    return f"{quoted(value)} has not the form of this column", f"use the form {pattern}{example}"


def _explain_type(field: Field, value: str) -> Explanation:
    if field.type == "date":
        return f"{quoted(value)} is not a date", _mended_date(value)
    if field.format == "uri":
        return f"{quoted(value)} is not an address", "write it in full, as https://..."
    remedy: str | None = None
    if field.type in ("integer", "number"):
        plain = _plain(value).replace("_", "").replace("\u2212", "-")
        if re.fullmatch(r"[+-]?[0-9]{1,3}(?:[ ,.\u00a0\u202f'][0-9]{3})+", plain):
            plain = re.sub(r"[^0-9+-]", "", plain)
        if field.type == "integer":
            plain = re.sub(r"\.0+\Z", "", plain)
        elif re.fullmatch(r"[+-]?[0-9]+,[0-9]+", plain):
            plain = plain.replace(",", ".")
        most = "at most 18" if field.type == "integer" else "at most 15, with a decimal point"
        mended = _matches(_FORMS[field.type], plain)
        remedy = f"write {plain}" if mended else f"write digits only, {most}"
    elif field.type == "boolean":
        remedy = "write true or false"
    elif field.type == "year":
        remedy = "write four digits, such as 2025"
    article = "an" if field.type[0] in "aeiou" else "a"
    return f"{quoted(value)} is not {article} {field.type}", remedy


def _mended_date(value: str) -> str:
    plain = _plain(value)
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y"):
        try:
            day = datetime.strptime(plain, form)
        except ValueError:
            continue
        if day.year >= 1000:
            return f"write {day:%Y-%m-%d}"
    if re.fullmatch(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:[0-9]{2}|[0-9]{4})", plain):
        return "write year, month and day, as 2025-06-01: day and month cannot be told apart here"
    return "write year, month and day, as 2025-06-01; leave it empty if unknown"


def _plain(value: str) -> str:
    """The text without surrounding space, its digits those of ASCII; never a superscript's."""
    return "".join(str(unicodedata.decimal(c, c)) for c in value.strip())


def _matches(pattern: str, value: str) -> bool:
    return bool(pc.match_substring_regex(pa.scalar(value), whole_cell(pattern)).as_py())


def _ascii(value: str) -> str:
    """The text without accents and invisible characters."""
    parts = unicodedata.normalize("NFKD", value)
    return "".join(c for c in parts if ord(c) < 128)


def _simplified(value: str) -> str:
    return re.sub(r"[\s-]+", "_", value.strip().lower())


def quoted(value: str) -> str:
    r"""A value for a message: in quotes, shortened, with escapes such as \u200b made visible."""
    value = value if len(value) <= 80 else value[:79] + "…"
    return '"' + "".join(c if c.isprintable() else repr(c)[1:-1] for c in value) + '"'
