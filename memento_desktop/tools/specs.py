"""The specifications of the tools that ship with the app. Apart from the tools, so that prompts can be rendered without them."""

from __future__ import annotations

from memento_desktop.tools.base import Spec, text_parameter

CALCULATE = Spec(
    "calculate",
    summary="exact arithmetic, percentages, units, dates",
    usage="17% of 2340; 5 miles in km; 3 May 2026 + 10 days; days from 3 May 2026 to 9 June 2026",
    parameters={"expression": text_parameter()},
    required=("expression",),
    risk="compute",
)
LIST_FILES = Spec(
    "list_files",
    summary="names of the files in the folder",
    usage="pattern such as *.csv",
    parameters={"pattern": text_parameter()},
    required=("pattern",),
)
READ_DOCUMENT = Spec(
    "read_document",
    summary="find something in a document",
    usage="the lines of the document that tell of what to find",
    parameters={"path": text_parameter(), "find": text_parameter()},
    required=("path",),
)
READ_TABLE = Spec(
    "read_table",
    summary="total, average, count, highest, lowest of a column in a csv or xlsx file",
    usage="operation on a column, without rows that hold one word or only those that hold another",
    parameters={
        "path": text_parameter(),
        "operation": {"enum": ["total", "average", "count", "highest", "lowest"]},
        "column": text_parameter(),
        "without": text_parameter(),
        "only": text_parameter(),
    },
    required=("path", "operation"),
)
RECALL = Spec(
    "recall",
    summary="search memory",
    usage="what the owner told or did before",
    parameters={"query": text_parameter()},
    required=("query",),
)
REMEMBER = Spec(
    "remember",
    summary="keep a fact in memory",
    usage="one fact, in a sentence of its own",
    parameters={"text": text_parameter()},
    required=("text",),
    risk="write",
)

ALL = (CALCULATE, LIST_FILES, READ_DOCUMENT, READ_TABLE, RECALL, REMEMBER)
