"""The descriptor: whatever is in it, it is opened safely or refused in words, with its place."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import package
from sahel_incidents.descriptor import CONSTRAINTS, open_package
from sahel_incidents.package import find_root
from sahel_incidents.problem import DescriptorError, ToolError
from sahel_incidents.validate import validate

DESCRIPTOR: dict[str, Any] = {
    "name": "tiny",
    "version": "1.0.0",
    "resources": [
        {"name": "t", "path": "data/t.csv", "schema": "schemas/t.json"},
        {"name": "u", "path": "data/u.csv", "schema": "schemas/u.json"},
    ],
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "t": {
        "fields": [
            {"name": "id", "type": "string", "constraints": {"required": True}},
            {"name": "n", "type": "integer", "constraints": {"minimum": 1, "unique": True}},
            {"name": "u", "type": "string"},
            {
                "name": "kind",
                "type": "string",
                "categories": [{"value": "a", "label": "A", "description": "first"}, "b"],
            },
        ],
        "primaryKey": ["id"],
        "uniqueKeys": [["n", "kind"]],
        "foreignKeys": [{"fields": ["u"], "reference": {"resource": "u", "fields": ["id"]}}],
        "missingValues": ["", "-"],
    },
    "u": {
        "fields": [
            {"name": "id", "type": "string", "constraints": {"pattern": "[a-z]+"}},
            {"name": "x", "type": "number", "constraints": {"enum": [1, 2.5]}},
            {"name": "d", "type": "date", "constraints": {"maximum": "2025-06-01"}},
            {"name": "up", "type": "string"},
        ],
        "primaryKey": "id",
        "foreignKeys": [{"fields": "up", "reference": {"fields": "id"}}],
    },
}
TABLES = {"t": "id,n,u,kind\nx,1,a,a\ny,-,,c\n", "u": "id,x,d,up\na,1,2025-06-02,\nb,3,-,a\n"}

FIELD = ("fields", 0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path)


def write(folder: Path, descriptor: Any = DESCRIPTOR, **schemas: Any) -> Path:
    """A package; a schema is given by its table's name."""
    for name in ("data", "schemas"):
        (folder / name).mkdir(exist_ok=True)
    for name, schema in (SCHEMAS | schemas).items():
        (folder / "schemas" / f"{name}.json").write_text(json.dumps(schema, indent=1))
        (folder / "data" / f"{name}.csv").write_text(TABLES[name])
    (folder / "datapackage.json").write_text(json.dumps(descriptor, indent=1))
    return folder


def changed(document: dict[str, Any], *path: str | int, **values: Any) -> dict[str, Any]:
    """A copy of a document with properties of the object at `path` set; `...` removes one."""
    result = copy.deepcopy(document)
    target: Any = result
    for step in path:
        target = target[step]
    for key, value in values.items():
        if value is ...:
            del target[key]
        else:
            target[key.replace("__", "$")] = value
    return result


def refusal(folder: Path) -> str:
    with pytest.raises(DescriptorError) as caught:
        open_package(folder)
    assert caught.value.remedy
    return caught.value.message


def test_a_sound_package(root: Path) -> None:
    opened = open_package(root)
    assert (opened.name, opened.version) == ("tiny", "1.0.0")
    assert list(opened.tables) == ["t", "u"]
    table = opened.tables["t"]
    assert table.columns == ("id", "n", "u", "kind")
    assert table.primary_key == ("id",)
    assert table.unique_keys == (("n", "kind"),)
    assert table.reference("u").table == "u"
    assert table.missing_values == ("", "-")
    assert table.field("kind").vocabulary == ("a", "b")
    assert table.field("kind").categories[0].description == "first"
    assert table.field("id").required
    assert not table.field("n").required
    assert opened.file(table) == root / "data" / "t.csv"
    assert opened.tables["u"].reference("up").table == "u"
    assert opened.tables["u"].missing_values == ("",)
    assert list(opened.unlisted()) == []


def test_a_schema_within_the_descriptor(root: Path) -> None:
    descriptor = changed(DESCRIPTOR, "resources", 1, schema=SCHEMAS["u"])
    (root / "schemas" / "u.json").unlink()
    assert open_package(write(root, descriptor)).tables["u"].primary_key == ("id",)


def test_the_root_is_found_upwards(root: Path) -> None:
    (root / "data" / "deep").mkdir()
    assert find_root(root / "data" / "deep") == root
    assert find_root(root) == root


def test_no_root(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"no datapackage\.json in"):
        find_root(tmp_path)


NOT_JSON: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ":1:1: not JSON"),
    "cut": (b'{\n  "name": ', ":2:11: not JSON"),
    "a stray comma": (b'{\n "a": 1,\n}', ":3:1: not JSON"),
    "two values": (b"{}\n{}", ":2:1: not JSON"),
    "YAML": (b"name: tiny\n", ":1:1: not JSON"),
    "a list": (b"[]", ":1: not a JSON object"),
    "a string": (b'"x"', ":1: not a JSON object"),
    "null": (b"null", ":1: not a JSON object"),
    "a name twice": (b'{"a": {"b": 1,\n"b": 2}}', ': the name "b" occurs twice'),
    "NaN": (b'{"a": NaN}', ": NaN is not a JSON value"),
    "infinity": (b'{"a": -Infinity}', ": -Infinity is not a JSON value"),
    "a number without end": (b'{"a": ' + b"1" * 5000 + b"}", ": Exceeds the limit"),
    "half a character": (rb'{"name": "\ud800"}', ": holds half a character"),
    "a byte-order mark": (b"\xef\xbb\xbf{}", ":1:1: not JSON: Unexpected UTF-8 BOM"),
    "UTF-16": ("{}".encode("utf-16"), ": is not UTF-8 (byte 0)"),
    "Latin-1": (b'{"name": "M\xe9naka"}', ": is not UTF-8 (byte 11)"),
    "NUL": (b'{"a": "\0"}', ":1:8: not JSON"),
    "very deep lists": (b"[" * 100_000 + b"]" * 100_000, ": nested too deeply"),
    "very deep objects": (b'{"a":' * 100_000, ": nested too deeply"),
}


@pytest.mark.parametrize("path", ["datapackage.json", "schemas/t.json"])
@pytest.mark.parametrize("name", NOT_JSON)
def test_a_document_that_is_no_json_object(root: Path, path: str, name: str) -> None:
    content, expected = NOT_JSON[name]
    (root / path).write_bytes(content)
    assert path + expected in refusal(root)


@pytest.mark.parametrize("path", ["datapackage.json", "schemas/t.json"])
def test_something_else_in_a_document_s_place(root: Path, path: str) -> None:
    (root / path).unlink()
    assert f"{path}: no such file" in refusal(root)
    (root / path).mkdir()
    assert f"{path}: is not a file" in refusal(root)
    (root / path).rmdir()
    os.mkfifo(root / path)
    assert f"{path}: is not a file" in refusal(root)
    (root / path).unlink()
    with (root / path).open("wb") as file:
        file.truncate(2 << 30)
    assert f"{path}: larger than 10,000,000 bytes" in refusal(root)


def resource(**values: Any) -> dict[str, Any]:
    return changed(DESCRIPTOR, "resources", 1, **values)


BAD_DESCRIPTORS: dict[str, tuple[dict[str, Any], str]] = {
    "no resources": (changed(DESCRIPTOR, resources=...), ': "resources" must list at least one'),
    "resources empty": (changed(DESCRIPTOR, resources=[]), ':4: "resources" must list'),
    "resources an object": (changed(DESCRIPTOR, resources={}), ':4: "resources" must list'),
    "a resource by name": (changed(DESCRIPTOR, resources=["t"]), ":4: a resource must be an obj"),
    "no name": (changed(DESCRIPTOR, name=...), '"name" must be a non-empty string'),
    "no version": (changed(DESCRIPTOR, version=...), '"version" must be a non-empty string'),
    "version a number": (changed(DESCRIPTOR, version=1), ':3: "version" must be a non-empty'),
    "a remote profile": (changed(DESCRIPTOR, profile="https://example.org/p.json"),
                         "a profile is never fetched"),
    "a remote $schema": (changed(DESCRIPTOR, __schema="https://example.org/p.json"),
                         "a profile is never fetched"),
    "a profile that is no name": (changed(DESCRIPTOR, profile=["x"]), "a profile is never fetched"),
    "one name twice": (resource(name="t"), ':6: two resources are named "t"'),
    "one path twice": (resource(path="data/t.csv"), 'two resources have the path "data/t.csv"'),
    "a resource without name": (resource(name=...), '"name" must be a non-empty string'),
    "a resource without path": (resource(path=...), 'resource "u": "path" must be a path'),
    "several paths": (resource(path=["data/u.csv"]), ':11: resource "u": "path" names parts'),
    "inline data": (resource(data=[{"id": "a"}]), ':11: resource "u": "data" is not supported'),
    "a dialect": (resource(dialect={"delimiter": ";"}), '"dialect" is not supported'),
    "a remote dialect": (resource(dialect="https://example.org/d.json"), '"dialect" is not supp'),
    "compression": (resource(compression="gz"), '"compression" is not supported'),
    "a resource's profile": (resource(profile="https://example.org/p.json"), '"profile" is not'),
    "a resource's $schema": (resource(__schema="https://example.org/p.json"), '"$schema" is not'),
    "extra paths": (resource(extrapaths=["data/v.csv"]), '"extrapaths" is not supported'),
    "another encoding": (resource(encoding="latin-1"), "the encoding must be utf-8"),
    "an encoding that is no name": (resource(encoding=8), "the encoding must be utf-8"),
    "no schema": (resource(schema=...), '"schema" must be a path or an object'),
    "a schema that is a list": (resource(schema=[]), '"schema" must be a path or an object'),
    "a workbook": (resource(path="data/u.xlsx"), '"data/u.xlsx" must end with .csv'),
    "a compressed table": (resource(path="data/u.csv.gz"), '"data/u.csv.gz" must end with .csv'),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_DESCRIPTORS)
def test_a_bad_descriptor(tmp_path: Path, name: str) -> None:
    descriptor, expected = BAD_DESCRIPTORS[name]
    message = refusal(write(tmp_path, descriptor))
    assert message.startswith("datapackage.json:")
    assert expected in message


UNSAFE_PATHS = [
    "https://example.org/u.csv",
    "http://example.org/u.csv",
    "ftp://example.org/u.csv",
    "s3://bucket/u.csv",
    "file:///etc/passwd",
    "file:u.csv",
    "FILE:///etc/passwd",
    "data:text/csv,id",
    "//example.org/u.csv",
    "/etc/passwd",
    "../u.csv",
    "data/../../u.csv",
    "data/../u.csv",
    "data/./u.csv",
    "data//u.csv",
    "./data/u.csv",
    "data/",
    "",
    "~/u.csv",
    "~root/u.csv",
    "$HOME/u.csv",
    "data/${HOME}.csv",
    "data\\u.csv",
    "..\\u.csv",
    "\\\\host\\share\\u.csv",
    "C:\\u.csv",
    "C:/u.csv",
    "c:u.csv",
    "data/u.csv\0.csv",
]


@pytest.mark.parametrize("key", ["path", "schema"])
@pytest.mark.parametrize("path", UNSAFE_PATHS)
def test_an_unsafe_path(tmp_path: Path, key: str, path: str) -> None:
    message = refusal(write(tmp_path, resource(**{key: path})))
    assert message.startswith("datapackage.json:")
    assert repr(path) in message


@pytest.mark.parametrize("path", ["x" * 5000, "data/" + "x" * 300 + ".csv", "d/" * 3000 + "u.csv"])
@pytest.mark.parametrize("key", ["path", "schema"])
def test_a_path_too_long_for_the_system(tmp_path: Path, key: str, path: str) -> None:
    with pytest.raises(ToolError):
        validate(write(tmp_path, resource(**{key: path})))


def test_nothing_remote_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr("socket.socket.connect", connect)
    for value in ("https://127.0.0.1:9/x.json", "http://127.0.0.1:9/x.csv"):
        for key in ("path", "schema", "dialect", "profile", "__schema"):
            refusal(write(tmp_path, resource(**{key: value})))
            refusal(write(tmp_path, changed(DESCRIPTOR, profile=value)))


@pytest.mark.parametrize("path", ["datapackage.json", "schemas/t.json", "data/t.csv"])
def test_a_symbolic_link_in_a_file_s_place(root: Path, path: str) -> None:
    (root / path).rename(root / "elsewhere")
    (root / path).symlink_to(root / "elsewhere")
    assert f"{path} is a symbolic link" in refusal(root)
    (root / "elsewhere").unlink()  # the link now dangles
    assert f"{path} is a symbolic link" in refusal(root)


@pytest.mark.parametrize("folder", ["schemas", "data"])
def test_a_symbolic_link_in_a_folder_s_place(root: Path, folder: str) -> None:
    shutil.move(root / folder, root / "elsewhere")
    (root / folder).symlink_to(root / "elsewhere", target_is_directory=True)
    assert f"{folder} is a symbolic link" in refusal(root)


def test_the_package_s_own_folder_may_be_a_link(root: Path, tmp_path_factory: Any) -> None:
    link = tmp_path_factory.mktemp("links") / "link"
    link.symlink_to(root, target_is_directory=True)
    assert open_package(link).name == "tiny"


def test_a_link_put_there_after_the_check_is_not_followed(root: Path) -> None:
    secret = root.parent / "secret"
    secret.write_text("id\n")
    (root / "data" / "link.csv").symlink_to(secret)
    with pytest.raises(ToolError, match=r"cannot read data/link\.csv"):
        package.read_file(root, "data/link.csv", 1000)


def field(**values: Any) -> dict[str, Any]:
    return changed(SCHEMAS["t"], *FIELD, **values)


def constraint(kind: str, **values: Any) -> dict[str, Any]:
    return field(type=kind, constraints=values)


BAD_SCHEMAS: dict[str, tuple[Any, str]] = {
    "no fields": (changed(SCHEMAS["t"], fields=...), '"fields" must list at least one'),
    "fields empty": (changed(SCHEMAS["t"], fields=[]), ':2: "fields" must list at least one'),
    "a field by name": (changed(SCHEMAS["t"], fields=["id"]), ":2: a field must be an object"),
    "a field without name": (field(name=...), '"name" must be a non-empty string'),
    "two fields of a name": (field(name="n"), ':4: two fields are named "n"'),
    "a remote $schema": (changed(SCHEMAS["t"], __schema="https://example.org/s.json"),
                         "a profile is never fetched"),
    "fieldsMatch": (changed(SCHEMAS["t"], fieldsMatch="subset"), '"fieldsMatch" is not supported'),
    "an unknown type": (field(type="incident"), ":4: field \"id\": unknown or unsupported type"),
    "no type": (field(type=...), "unknown or unsupported type 'any'"),
    "a type of several": (field(type=["string"]), "unknown or unsupported type"),
    "an unsupported type": (field(type="geojson"), "unsupported type 'geojson'"),
    "an unsupported format": (field(format="email"), "the format 'email' of type 'string'"),
    "a date format": (field(type="date", format="%d/%m/%Y", constraints={}), "the format '%d/%m"),
    "a format that is no name": (field(format={}), "the format {} of type 'string'"),
    "own missing values": (field(missingValues=["x"]), '"missingValues" is not supported on'),
    "own true values": (field(trueValues=["yes"]), '"trueValues" is not supported on a field'),
    "a decimal comma": (field(decimalChar=","), '"decimalChar" is not supported on a field'),
    "constraints a list": (field(constraints=[]), '"constraints" must be an object'),
    "an unknown constraint": (constraint("string", shape="round"), 'the constraint "shape" is not'),
    "a misspelt constraint": (constraint("string", require=True), 'constraint "require" is not'),
    "a constraint of others": (constraint("string", minimum=1), '"minimum" is not supported by'),
    "a length of a number": (constraint("integer", maxLength=1), '"maxLength" is not supported'),
    "required in words": (constraint("string", required="yes"), '"required" cannot be \'yes\''),
    "a minimum in words": (constraint("integer", minimum="1"), "\"minimum\" cannot be '1'"),
    "a minimum between": (constraint("integer", minimum=1.5), '"minimum" cannot be 1.5'),
    "a minimum that is true": (constraint("number", minimum=True), '"minimum" cannot be True'),
    "a minimum beyond 64 bits": (constraint("integer", minimum=10**30), '"minimum" cannot be 1000'),
    "a minimum beyond floats": (constraint("number", minimum=10**400), '"minimum" cannot be 1000'),
    "a minimum of an array": (constraint("date", minimum=[]), '"minimum" cannot be []'),
    "no such day": (constraint("date", minimum="2025-02-29"), "\"minimum\" cannot be '2025-02-29'"),
    "a day without dashes": (constraint("date", maximum="20250601"), '"maximum" cannot be'),
    "a week": (constraint("date", maximum="2025-W01-1"), '"maximum" cannot be'),
    "a negative length": (constraint("string", minLength=-1), '"minLength" cannot be -1'),
    "a length beyond all": (constraint("string", maxLength=10**30), '"maxLength" cannot be 1000'),
    "an enum of another type": (constraint("integer", enum=[1, "2"]), '"enum" cannot be'),
    "an enum in words": (constraint("string", enum="a"), '"enum" cannot be \'a\''),
    "a pattern that is a number": (constraint("string", pattern=1), '"pattern" must be a string'),
    "a look-ahead": (constraint("string", pattern="(?=a)a"), "cannot be run in linear time"),
    "a look-behind": (constraint("string", pattern="(?<!a)b"), "cannot be run in linear time"),
    "a back-reference": (constraint("string", pattern=r"(a)\1"), "cannot be run in linear time"),
    "a huge repetition": (constraint("string", pattern="(a{1000}){1000}"), "cannot be run in lin"),
    "a deep pattern": (constraint("string", pattern="(" * 5000 + ")" * 5000), "the pattern"),
    "a rather deep pattern": (constraint("string", pattern="(" * 900 + ")" * 900), "the pattern"),
    "an open pattern": (constraint("string", pattern="a("), "cannot be run in linear time"),
    "a pattern of two halves": (constraint("string", pattern="a)|(b"), "is not well formed"),
    "a pattern of RE2 alone": (constraint("string", pattern=r"\pL+"), "is not well formed"),
    "a class of digits": (constraint("string", pattern=r"\d+"), "means other characters"),
    "a class of no words": (constraint("string", pattern=r"\\\W"), "means other characters"),
    "categories a word": (field(categories="a"), '"categories" must be a list'),
    "categories of numbers": (field(type="integer", categories=[]), '"categories" is not supp'),
    "a category of a number": (field(categories=[1]), "a category must be a string or an object"),
    "a category without value": (field(categories=[{"label": "A"}]), "a category must be"),
    "a key of no field": (changed(SCHEMAS["t"], primaryKey=["x"]), '"primaryKey" names an unknown'),
    "no key": (changed(SCHEMAS["t"], primaryKey=...), '"primaryKey" must be a name or a list'),
    "an empty key": (changed(SCHEMAS["t"], primaryKey=[]), '"primaryKey" must be a name or a list'),
    "a key by number": (changed(SCHEMAS["t"], primaryKey=5), '"primaryKey" must be a name'),
    "a unique key of no field": (changed(SCHEMAS["t"], uniqueKeys=[["x"]]), '"uniqueKeys" names'),
    "unique keys in a word": (changed(SCHEMAS["t"], uniqueKeys="n"), '"uniqueKeys" must be a list'),
    "missing values in a word": (changed(SCHEMAS["t"], missingValues="-"), '"missingValues" must'),
    "missing values labelled": (changed(SCHEMAS["t"], missingValues=[{"value": "-"}]),
                                '"missingValues" must be a list of strings'),
    "foreign keys an object": (changed(SCHEMAS["t"], foreignKeys={}), '"foreignKeys" must be a li'),
    "foreign keys a number": (changed(SCHEMAS["t"], foreignKeys=5), '"foreignKeys" must be a list'),
    "a foreign key by name": (changed(SCHEMAS["t"], foreignKeys=["u"]), "needs a reference"),
    "a foreign key to nothing": (changed(SCHEMAS["t"], foreignKeys=[{"fields": "u"}]),
                                 "a foreign key needs a reference"),
    "a foreign key of no field": (changed(SCHEMAS["t"], "foreignKeys", 0, fields=["x"]),
                                  '"foreignKeys" names an unknown field "x"'),
    "a foreign key of two fields": (
        changed(SCHEMAS["t"], "foreignKeys", 0, fields=["u", "id"]), "of several fields"),
    "a foreign key to no table": (
        changed(SCHEMAS["t"], "foreignKeys", 0, reference={"resource": "v", "fields": "id"}),
        '"t.u" refers to an unknown table "v"'),
    "a foreign key to no column": (
        changed(SCHEMAS["t"], "foreignKeys", 0, reference={"resource": "u", "fields": "ix"}),
        '"t.u" refers to an unknown field "u.ix"'),
    "a foreign key to many tables": (
        changed(SCHEMAS["t"], "foreignKeys", 0, reference={"resource": ["u"], "fields": "id"}),
        '"resource" must be a name'),
    "a foreign key to another type": (
        changed(SCHEMAS["t"], "foreignKeys", 0, reference={"resource": "u", "fields": "x"}),
        '"t.u" (string) refers to "u.x" (number)'),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_SCHEMAS)
def test_a_bad_schema(tmp_path: Path, name: str) -> None:
    schema, expected = BAD_SCHEMAS[name]
    message = refusal(write(tmp_path, t=schema))
    assert message.startswith(("schemas/t.json:", "datapackage.json:"))
    assert expected in message


def test_an_escaped_backslash_before_a_letter_is_no_class(tmp_path: Path) -> None:
    schema = constraint("string", pattern=r"\\d[\\w]")
    assert open_package(write(tmp_path, t=schema)).tables["t"].field("id").constraints


def test_a_runaway_pattern_is_judged_in_linear_time(tmp_path: Path) -> None:
    # With backtracking 30 letters take minutes and 1 MB outlasts the universe; a process of its
    # own, so that the time limit can stop it.
    schema = constraint("string", pattern="(a+)+$")
    cell = "a" * 1_000_000 + "!"
    write(tmp_path, t=schema)
    (tmp_path / "data" / "t.csv").write_text(f"id,n,u,kind\n{cell},1,,\n")
    source = str(Path(package.__file__).parents[1])
    script = (
        f"import sys; sys.path.insert(0, {source!r}); from pathlib import Path\n"
        "from sahel_incidents.validate import validate\n"
        f"for p in validate(Path({str(tmp_path)!r})).problems:\n"
        "    print(p.rule, p.file, p.line, p.column)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert "cell-pattern data/t.csv 2 1" in done.stdout.splitlines()


def test_unlisted_files(root: Path) -> None:
    (root / "README.md").write_text("beside the tables there may be anything")
    (root / "notes").mkdir()
    (root / "notes" / "x.csv").write_text("")
    for name in ("extra.csv", ".hidden", "t.csv.bak", "deep/er/x.csv"):
        (root / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "data" / name).write_text("")
    (root / "schemas" / "v.json").write_text("{}")
    (root / "data" / "link").symlink_to("/etc", target_is_directory=True)
    (root / "data" / "dangling").symlink_to("nowhere")
    os.mkfifo(root / "data" / "pipe")
    (root / "data" / "empty").mkdir()
    found = list(open_package(root).unlisted())
    assert {problem.rule for problem in found} == {"unlisted-file"}
    assert [problem.file for problem in found] == [
        "data/.hidden",
        "data/dangling",
        "data/deep/er/x.csv",
        "data/extra.csv",
        "data/link",
        "data/pipe",
        "data/t.csv.bak",
        "schemas/v.json",
    ]


def test_an_unlisted_file_whose_name_is_no_text(root: Path) -> None:
    try:
        Path(os.fsdecode(bytes(root / "data") + b"/\xff.csv")).write_text("")
    except OSError:
        pytest.fail("run this on a file system that takes any bytes as a name: ext4, xfs, btrfs")
    problem = next(open_package(root).unlisted())
    assert problem.file == r"data/\xff.csv"


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("datapackage.json", 0),
        ("schemas/t.json", 0),
        *((folder, mode) for folder in ("schemas", "data") for mode in (0, 0o444)),
    ],
)
def test_what_may_not_be_read(
    root: Path, path: str, mode: int, failure_without_permission: Callable[[Path], str]
) -> None:
    (root / path).chmod(mode)
    said = failure_without_permission(root)
    (root / path).chmod(0o700)
    assert said.startswith(f"cannot read {path}")
    assert "Permission denied -> check" in said


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        st.sampled_from(
            [1.5, 10**30, -1e300, "", "a", "id", "t", "u", "string", "integer", "date"]
        ),
        st.sampled_from(["number", "boolean", "year", "2025-06-01", "[a-z]+", "data/t.csv", "\n"]),
        st.text(max_size=3),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "value", "fields", "reference", "resource", "pattern", "x"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


VALUES: dict[str, list[Any]] = {
    "string": ["", "a", "[a-z]+", "(a+)+"],
    "integer": [0, -1, 10**17, 10**18],
    "number": [0, -0.5, 10**17, 1e99, 1e300],
    "boolean": [True, False],
    "date": ["2025-06-01", "0001-01-01", "2025-02-30"],
    "year": [0, 2025, 99999],
}
"""Values that a constraint of that type may have, and some that it may not."""


@st.composite
def field_like(draw: st.DrawFn) -> dict[str, Any]:
    """A type with constraints that may well be accepted, so that cells are then judged by it."""
    kind = draw(st.sampled_from(list(CONSTRAINTS)))
    constraints: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(CONSTRAINTS[kind])), max_size=2)):
        value = st.sampled_from(VALUES[kind])
        if name in ("required", "unique"):
            value = st.booleans()
        elif name == "enum":
            value = st.lists(value, max_size=3)
        elif name in ("minLength", "maxLength"):
            value = st.sampled_from([0, 1, 2**31 - 1, 2**31])
        constraints[name] = draw(value)
    return {"type": kind, "constraints": constraints}


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path to every value in a JSON document."""
    if isinstance(value, dict):
        items = list(value.items())
    else:
        items = list(enumerate(value)) if isinstance(value, list) else []
    for key, inner in items:
        yield (*path, key)
        yield from nodes(inner, (*path, key))


@st.composite
def damaged(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    fields = result.get("fields", [])
    for declared in fields:
        if declared["name"] in ("n", "x", "d") and draw(st.booleans()):
            declared |= draw(field_like())
    for _ in range(draw(st.sampled_from([0, 0, 1, 2] if fields else [1, 2]))):
        *path, last = draw(st.sampled_from(list(nodes(result))))
        target: Any = result
        for step in path:
            target = target[step]
        target[last] = draw(JSON)
    return result


@settings(max_examples=1000)
@given(st.data(), st.sampled_from(["descriptor", "t", "u"]))
def test_a_damaged_descriptor_is_opened_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, which: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    if which == "descriptor":
        write(folder, data.draw(damaged(DESCRIPTOR)))
    else:
        write(folder, **{which: data.draw(damaged(SCHEMAS[which]))})
    with contextlib.suppress(ToolError):
        validate(folder)
