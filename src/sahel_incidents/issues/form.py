"""The answers in an issue that was opened with one of the repository's forms.

GitHub writes each question of a form as a heading and the answer below it, and keeps the question's
label but not its id. The forms in `.github/ISSUE_TEMPLATE` are the only place where labels stand:
they are read to learn which question has which id. See "Syntax for GitHub's form schema"
(https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cards.nodes import CardError, Place, problem
from ..problem import Problem, RuleInfo, Severity, ToolError

FOLDER = ".github/ISSUE_TEMPLATE"
"""Where a repository keeps its forms."""

ANSWER = RuleInfo(
    "form-answer",
    Severity.ERROR,
    "An issue answers what its form asks",
    "What is missing or cannot be understood has to be asked for before it can become a record.",
)

MAX_BYTES = 1_000_000
"""The longest text read; GitHub takes 65,536 characters."""

_NOTHING = "_No response_"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form.

    Attributes:
        id: its name for programs.
        label: its text, which is the heading above the answer.
        kind: GitHub's type: input, textarea, dropdown or checkboxes.
        required: whether it must be answered; for checkboxes, whether any must be ticked.
        template: what stands in the answer before anything is written.
        must_tick: the checkboxes that must be ticked.
    """

    id: str
    label: str
    kind: str
    required: bool
    template: str
    must_tick: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One issue form: the name of its file without `.yml`, and its questions in order."""

    name: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a question, line by line, and the line (from 1) of the first."""

    question: Question
    first_line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole answer on one line."""
        return " ".join(" ".join(self.lines).split())


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers to a form.

    Attributes:
        form: the form that was filled in.
        given: what was answered, by the question's id; unanswered questions are left out.
        problems: required questions without an answer, and required boxes without a tick.
        name: the file the issue was read from, for messages.
    """

    form: Form
    given: Mapping[str, Answer]
    problems: tuple[Problem, ...]
    name: str


def forms(folder: Path) -> list[Form]:
    """The issue forms in a folder.

    Raises:
        ToolError: there are none, or one is broken.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    found = []
    for path in sorted(folder.glob("*.yml")):
        try:
            content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
            if "body" in content:
                found.append(Form(path.stem, tuple(_questions(content["body"]))))
        except (OSError, YAMLError, LookupError, TypeError, ValueError) as error:
            raise ToolError(f"{path} is not an issue form: {error}", "mend the form") from error
    if not found:
        raise ToolError(
            f"there are no issue forms in {folder}", "run this in a copy of the repository"
        )
    return found


def _questions(body: list[dict[str, Any]]) -> Iterator[Question]:
    for item in body:
        if item["type"] == "markdown":  # words to the reader; not in the issue
            continue
        attributes = item["attributes"]
        boxes = attributes.get("options", []) if item["type"] == "checkboxes" else []
        must_tick = tuple(box["label"] for box in boxes if box.get("required"))
        required = bool(item.get("validations", {}).get("required")) or bool(must_tick)
        yield Question(
            item["id"],
            attributes["label"],
            item["type"],
            required,
            attributes.get("value", ""),
            must_tick,
        )


def read(content: str | bytes, name: str, known: list[Form]) -> Answers:
    """The answers in an issue's text.

    Args:
        content: the issue's text, as GitHub shows it for editing.
        name: the file it was read from, for messages.
        known: the forms it may have been opened with.

    Raises:
        CardError: it was opened with none of them, or cannot be read.
    """
    if len(content) > MAX_BYTES:
        raise _unreadable(name, f"is longer than {MAX_BYTES:,} bytes", "give the issue's text only")
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise _unreadable(name, "is not UTF-8", "save the issue's text as UTF-8") from None
    lines = text.replace("\r\n", "\n").split("\n")
    headings = [
        line.removeprefix("### ").strip() if line.startswith("### ") else "" for line in lines
    ]
    form = max(known, key=lambda form: sum(q.label in headings for q in form.questions))
    if form.questions[0].label not in headings:
        starts = " or ".join(f'"### {form.questions[0].label}"' for form in known)
        raise _unreadable(
            name,
            "was not opened with a form of this repository",
            f"copy the issue's text, from {starts} to its end",
        )
    given: dict[str, Answer] = {}
    problems = []
    for question, answer in _answered(form, headings, lines):
        if answer is None:
            if question.required:
                problems.append(
                    problem(
                        ANSWER,
                        Place(name),
                        f'the question "{question.label}" is not in the issue',
                        f'add the heading "### {question.label}" and the answer below it',
                    )
                )
        elif answer.text in ("", _NOTHING) or answer.text == " ".join(question.template.split()):
            if question.required:
                problems.append(_unanswered(answer, name))
        else:
            given[question.id] = answer
            problems.extend(_unticked(answer, name))
    return Answers(form, given, tuple(problems), name)


def _answered(
    form: Form, headings: list[str], lines: list[str]
) -> Iterator[tuple[Question, Answer | None]]:
    """Each question with its answer; None where its heading is missing.

    Headings are looked for in the form's order, so that one inside an answer is not taken for a
    question that was asked before it.
    """
    starts: list[tuple[Question, int]] = []
    after = 0
    for question in form.questions:
        if question.label in headings[after:]:
            after = headings.index(question.label, after) + 1
            starts.append((question, after))
        else:
            yield question, None
    ends = [start - 1 for _, start in starts[1:]] + [len(lines)]
    for (question, start), end in zip(starts, ends, strict=True):
        body = lines[start:end]
        while body and not body[0].strip():
            body, start = body[1:], start + 1
        while body and not body[-1].strip():
            body = body[:-1]
        yield question, Answer(question, start + 1, tuple(body))


def _unanswered(answer: Answer, name: str) -> Problem:
    place = Place(name, answer.first_line)
    return problem(ANSWER, place, f'"{answer.question.label}" is not answered', "ask the reporter")


def _unticked(answer: Answer, name: str) -> Iterator[Problem]:
    ticked = {line[5:].strip() for line in answer.lines if line.lower().startswith("- [x]")}
    for label in answer.question.must_tick:
        if label not in ticked:
            place = Place(name, answer.first_line)
            yield problem(ANSWER, place, f'not ticked: "{label}"', "ask the reporter")


def _unreadable(name: str, message: str, suggestion: str) -> CardError:
    return CardError([problem(ANSWER, Place(name), message, suggestion)])
