"""What the generated tasks are about: random names, numbers, files, and the question-and-step pairs of each ability.

Every function takes the random generator it draws from; nothing here knows how a prompt is laid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from memento_desktop.tools import texts
from models.nano import words as w

EXTENSIONS = ("csv", "xlsx", "pdf", "docx", "txt", "md", "html", "pptx")
TABLES = ("csv", "xlsx")
UNKNOWN = "I do not know that. I can calculate, read your files and recall what you told me."


@dataclass(frozen=True)
class Job:
    """One task with the one step that solves it, the call of that step, what the tool says, and the step's result."""

    task: str
    step: str
    tool: str
    args: dict[str, str]
    output: str
    result: str
    family: tuple[str, ...] = ()
    """Tasks of one family share a convention."""


def made_up(r: Random) -> str:
    return "".join(r.choice(w.SYLLABLES) for _ in range(r.choice((1, 2, 2, 2, 3))))


def pieced(r: Random) -> str:
    """A word that is cut like a word of the language and is none."""
    return "".join(r.choice(w.FRAGMENTS) if r.random() < 0.8 else r.choice("aeiouylnrst") for _ in range(r.choice((2, 2, 3, 3, 4))))


def gibberish(r: Random) -> str:
    return "".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(r.randint(2, 7)))


def noun(r: Random, known: list[str] | tuple[str, ...], p: float = 0.5) -> str:
    """A word from `known` with probability `p`, else one nobody has seen."""
    x = r.random()
    return r.choice(known) if x < p else r.choices((made_up, pieced, gibberish), (4, 5, 1))[0](r)


def number(r: Random) -> str:
    x = r.random()
    if x < 0.35:
        return str(r.randint(1, 99))
    if x < 0.7:
        return str(r.randint(100, 9999))
    if x < 0.9:
        return f"{r.randint(0, 999)}.{r.randint(0, 99):02d}".rstrip("0").rstrip(".")
    return f"{r.randint(1, 999)},{r.randint(0, 999):03d}" if r.random() < 0.5 else str(r.randint(10000, 9999999))


def plain_number(r: Random) -> str:
    x = r.random()
    return str(r.randint(1, 99)) if x < 0.4 else str(r.randint(100, 99999)) if x < 0.75 else f"{r.randint(0, 9999)}.{r.randint(1, 99):02d}"


def day(r: Random) -> date:
    return date(r.randint(1990, 2035), 1, 1) + timedelta(days=r.randint(0, 364))


def said_day(r: Random, d: date) -> str:
    x = r.random()
    if x < 0.6:
        return f"{d.day} {w.MONTHS[d.month - 1]} {d.year}"
    return d.isoformat() if x < 0.85 else f"{w.MONTHS[d.month - 1]} {d.day}, {d.year}"


def file_name(r: Random, extensions: tuple[str, ...] = EXTENSIONS) -> str:
    parts = [noun(r, w.FILE_WORDS, 0.4) for _ in range(r.choice((1, 1, 2, 2, 3)))]
    if r.random() < 0.2:
        parts.append(str(r.randint(1, 2035)))
    name = r.choice(("_", "_", "-", " " if r.random() < 0.15 else "_")).join(parts)
    if r.random() < 0.15:
        name = name.title() if r.random() < 0.7 else name.upper()
    folder = f"{noun(r, w.FILE_WORDS)}/" if r.random() < 0.1 else ""
    return f"{folder}{name}.{r.choice(extensions)}"


def politely(r: Random, task: str) -> str:
    """The task as some people put it: with a word before or after."""
    if r.random() < 0.75:
        return task
    lower = task[0].lower() + task[1:]
    before = r.choice(
        ("Please ", "please ", "Could you ", "Can you ", "Hey, ", "Quick question: ", "I need to know: ", "Now ", "So ", "ok, ", "")
    )
    after = r.choice(("", "", "", " please", " for me", " Thanks.", " thanks", " now"))
    return f"{before}{lower}{after}" if before else f"{task}{after or ' please'}"


def _percentage(r: Random) -> tuple[str, str, str]:
    a, b = (number(r) if r.random() < 0.3 else str(r.randint(1, 99))), plain_number(r)
    asked = r.choice(
        ("What is {a}% of {b}?", "what's {a}% of {b}", "Calculate {a}% of {b}.", "tell me what {a}% of {b} is", "compute {a}% of {b}",
         "How much is {a} percent of {b}?", "{a}% of {b}?",
         "{a} percent of {b}", "Work out {a}% of {b}", "Find {a} percent of {b}.", "I need {a}% of {b}.")
    )  # fmt: skip
    return asked.format(a=a, b=b), f"{a}% of {b}", _short(float(a.replace(",", "")) * float(b) / 100)


def _binary(r: Random) -> tuple[str, str, str]:
    a, b = plain_number(r), plain_number(r)
    op, asked = r.choice(
        (("+", ("What is {a} plus {b}?", "Add {a} and {b}.", "{a} + {b}", "What is {a} + {b}?", "Sum of {a} and {b}?", "compute {a} + {b}",
                "tell me {a} + {b}")),
         ("-", ("What is {a} minus {b}?", "{a} - {b}", "Take {b} from {a}.", "Subtract {b} from {a}.", "What is {a} - {b}?")),
         ("*", ("What is {a} times {b}?", "Multiply {a} by {b}.", "{a} * {b}", "{a} x {b}?", "How much is {a} times {b}?",
                "compute {a} * {b}")),
         ("/", ("What is {a} divided by {b}?", "Divide {a} by {b}.", "{a} / {b}", "How much is {a} divided by {b}?",
                "Split {a} between {b} people.",
                "Split a bill of {a} between {b} friends.")))
    )  # fmt: skip
    if r.random() < 0.15:  # the hard ones to copy
        a, b = r.choice(((a, a), (str(r.randint(1, 20)), str(r.randint(1, 20)))))
        b = a if r.random() < 0.3 else b
    if r.random() < 0.3:  # as on a pocket calculator
        close = f"{a}{op}{b}"
        before = r.choice(("", "", "", "What is ", "what is ", "what's ", "Calculate ", "how much is ", "Work out ", "compute "))
        return before + close + r.choice(("", "?", "?", "=" if not before else "")), close, plain_number(r)
    x, y = float(a), float(b)
    value = x + y if op == "+" else x - y if op == "-" else x * y if op == "*" else x / y if y else 0.0
    return r.choice(asked).format(a=a, b=b), f"{a} {op} {b}", _short(value)


def _chain(r: Random) -> tuple[str, str, str]:
    terms = [plain_number(r) for _ in range(r.randint(3, 5))]
    if r.random() < 0.5:
        listed = ", ".join(terms[:-1]) + " and " + terms[-1]
        return r.choice(("Add {x}.", "What is the sum of {x}?", "Add up {x}")).format(x=listed), " + ".join(terms), plain_number(r)
    text = terms[0] + "".join(f" {r.choice('+-*/')} {t}" for t in terms[1:])
    if r.random() < 0.15:
        close = text.replace(" ", "")
        return close + r.choice(("", "?", "=")), close, plain_number(r)
    if r.random() < 0.4:
        head, tail = text.split(" ", 1)
        text = f"({head} {tail.split(' ', 2)[0]} {tail.split(' ', 2)[1]}) {tail.split(' ', 2)[2]}"
    return r.choice(("What is {x}?", "Calculate {x}", "{x}", "Work out {x}.", "How much is {x}?")).format(x=text), text, plain_number(r)


def _conversion(r: Random) -> tuple[str, str, str]:
    a, (u, v) = plain_number(r), r.choice(w.UNITS)
    asked = r.choice(
        ("Convert {a} {u} to {v}.", "How many {v} are {a} {u}?", "What is {a} {u} in {v}?", "{a} {u} in {v}", "{a} {u} to {v}",
         "How many {v} are there in {a} {u}?", "Express {a} {u} in {v}.", "Turn {a} {u} into {v}",
         "Change {a} {u} to {v}", "how much is {a} {u} in {v}")
    )  # fmt: skip
    return asked.format(a=a, u=u, v=v), f"{a} {u} in {v}", f"{plain_number(r)} {v}"


def _calendar(r: Random) -> tuple[str, str, str]:
    d, e = day(r), day(r)
    a, b, n = said_day(r, d), said_day(r, e), r.randint(1, 400)
    unit = r.choice(("days", "weeks", "months", "years"))
    x = r.random()
    if x < 0.25:
        asked = r.choice(("How many days are there from {a} to {b}?", "Days between {a} and {b}?", "How many days from {a} to {b}?"))
        return asked.format(a=a, b=b), f"days from {a} to {b}", f"{abs((e - d).days)} days"
    if x < 0.4:
        asked = r.choice(("How many days until {b}?", "How many days are left until {b}?", "Days until {b}?"))
        return asked.format(b=b), f"days from today to {b}", f"{r.randint(1, 900)} days"
    if x < 0.55:
        asked = r.choice(("What day of the week is {a}?", "Which weekday is {a}?", "What weekday was {a}?"))
        return asked.format(a=a), f"weekday of {a}", f"{d:%A}"
    if x < 0.7:
        asked = r.choice(("What date is in {n} {u}?", "What is the date {n} {u} from now?", "Which day is it in {n} {u}?"))
        return asked.format(n=n, u=unit), f"today + {n} {unit}", f"{e:%A} {said_day(r, e)}"
    later = r.random() < 0.6
    asked = r.choice(("What date is {n} {u} {w} {a}?", "Which day is {n} {u} {w} {a}?", "What is the date {n} {u} {w} {a}?"))
    word = "after" if later else "before"
    return asked.format(n=n, u=unit, w=word, a=a), f"{a} {'+' if later else '-'} {n} {unit}", f"{e:%A} {said_day(r, e)}"


def _short(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def calculation(r: Random) -> Job:
    kind = r.choices((_percentage, _binary, _chain, _conversion, _calendar), (3, 3, 2, 2, 2))[0]
    task, expression, value = kind(r)
    return Job(politely(r, task), f"calculate {expression}", "calculate", {"expression": expression}, value, value, ("calculate",))


def value(r: Random) -> str:
    x = r.random()
    if x < 0.3:
        return number(r)
    if x < 0.45:
        return said_day(r, day(r))
    if x < 0.6:
        return f"{r.choice(w.NAMES)} {made_up(r).title()}"
    if x < 0.7:
        return f"{number(r)} {r.choice(('EUR', 'USD', 'months', 'days', 'km', 'kg', 'pages', 'percent'))}"
    return " ".join(noun(r, w.FILE_WORDS + w.PLACES, 0.4) for _ in range(r.choice((1, 1, 2))))


def _doc_line(r: Random, key: str) -> str:
    said = key if r.random() < 0.4 else key[0].upper() + key[1:] if r.random() < 0.8 else key.title()
    form = r.choice(("{k}: {v}", "{k}: {v}", "{k} - {v}", "{k} {v}", "The {l} is {v}.", "The {l} is {v} until {d}.", "| {k} | {v} |",
                     "{n} said that the {l} is {v}.", "We agreed that the {l} is {v}.", "{k} = {v}", "Your {l}: {v}"))  # fmt: skip
    return form.format(k=said, l=key, v=value(r), n=r.choice(w.NAMES), d=said_day(r, day(r)))


def document(r: Random, key: str = "", family: str = "") -> Job:
    """A value looked up in a document; `key` is what stands in the document where a convention renames it."""
    asked_key = family or noun(r, w.KEYS, 0.7)
    looked_up = key or asked_key
    path = file_name(r, EXTENSIONS[2:] if r.random() < 0.9 else TABLES)
    asked = r.choice(
        ("What is the {k} in {f}?", "what's the {k} in {f}", "Find the {k} in {f}.", "Look in {f}: what is the {k}?", "{k} in {f}?",
         "Which {k} is given in {f}?", "Read {f} and tell me the {k}.", "In {f}, what is the {k}?", "What does {f} say about the {k}?",
         "Tell me the {k} in {f}", "Look up the {k} in {f}.", "I need the {k} from {f}.", "What {k} does {f} give?",
         "Who is the {k} in {f}?", "When is the {k} in {f}?", "How much is the {k} in {f}?", "How long is the {k} in {f}?",
         "What is the {k} of {f}?", "What is the {k} according to {f}?", "According to {f}, what is the {k}?", "{f}: what is the {k}?")
    ).format(k=asked_key, f=path)  # fmt: skip
    asked = politely(r, asked)
    args = {"path": path, "find": looked_up}
    step = f"find the {asked_key} in {path}"
    if r.random() < 0.1:
        output = texts.nothing_found(path, looked_up)
        return Job(asked, step, "read_document", args, output, output, ("find", asked_key))
    first = _doc_line(r, looked_up)
    lines = [first] + [_doc_line(r, noun(r, w.KEYS, 0.8)) for _ in range(r.choice((0, 0, 1, 1, 2, 3)))]
    if r.random() < 0.15:
        r.shuffle(lines)
    placed = [(r.randint(1, 400), line) for line in lines]
    where = lines.index(first)
    return Job(asked, step, "read_document", args, texts.found_lines(path, placed), texts.found_lines(path, placed[where : where + 1]),
               ("find", asked_key))  # fmt: skip


OPERATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "total": ("total the {c} in {f}", ("Total the {c} in {f}", "Total the {c} in {f}.", "Sum the {c} in {f}.", "Add up the {c} in {f}",
              "What is the total {c} in {f}?", "How many {c} are there in total in {f}?", "What is the sum of {c} in {f}?",
              "Sum up the {c} column of {f}", "What do the {c} in {f} add up to?", "total {c} of {f}?")),
    "average": ("average the {c} in {f}", ("Average the {c} in {f}", "What is the average {c} in {f}?", "What is the mean {c} in {f}?",
                "Give me the average of {c} in {f}.", "Work out the mean of the {c} in {f}", "average {c} in {f}?")),
    "highest": ("find the highest {c} in {f}", ("What is the highest {c} in {f}?", "What is the maximum {c} in {f}?",
                "Find the largest {c} in {f}.", "Find the highest {c} in {f}", "Which is the biggest {c} in {f}?")),
    "lowest": ("find the lowest {c} in {f}", ("What is the lowest {c} in {f}?", "What is the minimum {c} in {f}?",
               "Find the smallest {c} in {f}.", "Find the lowest {c} in {f}", "Which is the least {c} in {f}?")),
    "count": ("count the rows in {f}", ("How many rows are in {f}?", "Count the rows in {f}", "How many entries does {f} have?",
              "Count the entries of {f}.", "How many rows does {f} have?")),
}  # fmt: skip
WITHOUT = (
    "leave out rows marked {m}", "leave out the rows marked {m}", "totals here exclude rows marked {m}", "rows marked {m} do not count",
    "skip the {m} rows", "do not count {m} rows", "ignore {m} entries", "without {m}", "exclude {m}", "{m} rows must be left out",
    "never include rows that say {m}", "{m} lines should not be counted", "you forgot to leave out the {m} rows", "not the {m} ones",
    "figures here never include {m} rows", "rows with {m} are not real", "drop every row marked {m}", "I do not want {m} in there",
    "we leave out everything marked {m}", "Leave out rows marked {m}.", "Exclude rows marked {m}, please", "{m} does not count here",
)  # fmt: skip
ONLY = (
    "only rows marked {m} count", "count only {m} rows", "only the {m} ones", "just the rows marked {m}", "use only rows marked {m}",
    "totals here are of {m} rows only", "only {m} entries matter", "keep to the {m} rows", "take only the rows that say {m}",
    "Only {m} rows.", "nothing but {m} rows", "I want the {m} rows only", "figures here are for {m} rows only", "only {m}",
)  # fmt: skip
RENAMED = (
    "the {a} here is called {b}", "look for the {b} instead", "use the {b}", "in these papers the {a} is the {b}", "I meant the {b}",
    "take the {b}, not the {a}", "with us that is the {b}", "The {a} is what they call {b}.", "that stands under {b}",
)  # fmt: skip


@dataclass(frozen=True)
class Convention:
    """What the model cannot know and must take from a case: a clause, and what it does to the arguments of a call."""

    clause: str
    effect: dict[str, str]


def table(r: Random, family: tuple[str, str] | None = None, convention: Convention | None = None) -> Job:
    operation, column = family or (r.choices(tuple(OPERATIONS), (5, 2, 1, 1, 1))[0], noun(r, w.COLUMNS, 0.55))
    step, asked = OPERATIONS[operation]
    path = file_name(r, TABLES)
    args = {"path": path, "operation": operation} | ({} if operation == "count" else {"column": column})
    args |= convention.effect if convention else {}
    without, only = args.get("without", ""), args.get("only", "")
    if r.random() < 0.06:
        output = texts.no_file(path, [file_name(r) for _ in range(r.randint(0, 3))])
        result = texts.no_file(path, [])
    else:
        output = result = texts.table_answer(
            operation, args.get("column", ""), path, number(r), r.randint(0, 40), r.randint(1, 9), without, only
        )
    task = politely(r, r.choice(asked).format(c=column, f=path))
    step = step.format(c=column, f=path) + (f"; {convention.clause}" if convention else "")
    return Job(task, step, "read_table", args, output, result, (operation, "" if operation == "count" else column))


def table_convention(r: Random) -> Convention:
    mark = noun(r, w.MARKERS, 0.6)
    said = f'"{mark}"' if r.random() < 0.07 else mark
    if r.random() < 0.68:
        return Convention(r.choice(WITHOUT).format(m=said), {"without": mark})
    return Convention(r.choice(ONLY).format(m=said), {"only": mark})


def listing(r: Random) -> Job:
    kind = r.choice(("", *EXTENSIONS))
    pattern = f"*.{kind}" if kind else "*"
    asked = r.choice(
        (
            "Which {k} files are here?",
            "List the {k} files.",
            "What {k} files do I have?",
            "Which {k} files do I have here?",
            "What {k} files are there?",
            "Show my {k} files",
            "list {k} files",
        )
    )
    names = [file_name(r, (kind,) if kind else EXTENSIONS) for _ in range(r.randint(1, 5))]
    task = politely(r, " ".join(asked.format(k=kind).split()))
    return Job(task, f"list the files {pattern}", "list_files", {"pattern": pattern}, "\n".join(names), ", ".join(names), ("list", kind))


def outside(r: Random) -> str:
    return r.choice(w.OUTSIDE).format(x=noun(r, w.PLACES + w.FILE_WORDS, 0.5))
