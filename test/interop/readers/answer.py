"""Answers line by line: runs a text of Python, which sets `rows` to what a reader found, and gives the rows as JSON.

A question: {"code": ..., "as": "rows" | "toPandas"}. An answer: {"rows": [...]} or {"error": ...}.
Instants are written in ISO 8601 and UTC, as the lake's own reader writes them, whatever a reader makes of them.
"""

import datetime
import json
import math
import sys

SAFE = 2**53 - 1


def instant(value):
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc)
    digits = f"{value.microsecond:06d}"
    return f"{value:%Y-%m-%dT%H:%M:%S}.{digits if digits[3:] != '000' else digits[:3]}Z"


def plain(value):
    """A value as JSON has it. What pandas writes for nothing is nothing; its whole numbers may be floats."""
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return None
    if hasattr(value, "asDict"):
        return plain(value.asDict())
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if type(value).__name__ == "datetime64":
        import pandas

        return plain(pandas.Timestamp(value))
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return [plain(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        return instant(value)
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() else value
    if isinstance(value, int):
        return value if abs(value) <= SAFE else str(value)
    raise TypeError(f"a reader gave {type(value)}")


def of_pandas(frame):
    columns = list(frame.columns)
    return [dict(zip(columns, row)) for row in frame.astype(object).itertuples(index=False, name=None)]


def records(rows, how):
    """What the reader of a block found, by the kind of what it gave."""
    kind = f"{type(rows).__module__}.{type(rows).__name__}"
    if kind.startswith("pyspark."):
        return of_pandas(rows.toPandas()) if how == "toPandas" else rows.collect()
    if how == "toPandas":
        raise ValueError("only Spark has toPandas")
    if kind.startswith("pandas."):
        return of_pandas(rows)
    if kind.startswith("polars."):
        return rows.collect().to_dicts()
    if kind.startswith(("duckdb.", "_duckdb.")):
        return [dict(zip(rows.columns, row)) for row in rows.fetchall()]
    if kind.startswith(("pyarrow._dataset", "pyarrow.dataset")):
        return rows.to_table().to_pylist()
    if kind.startswith("pyarrow."):
        return rows.to_pylist()
    raise TypeError(f"{kind} is the answer of no reader known here")


def main():
    # What libraries print is no answer.
    answers = sys.stdout
    sys.stdout = sys.stderr
    scope = {}
    for line in sys.stdin:
        question = json.loads(line)
        try:
            exec(question["code"], scope)
            found = [plain(row) for row in records(scope["rows"], question["as"])]
            answer = {"rows": found}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
