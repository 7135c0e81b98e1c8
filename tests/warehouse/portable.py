"""
The short list: functions of SQL that mean the same on DuckDB and on Spark, and so the only ones a step may use.

Each name is what sqlglot calls the function once a step is parsed. A function is added here by looking it up in both
engines' manuals, never because a step wants it. What is *not* here, on purpose: `date_diff` in anything but days,
subtraction of dates, `dayofweek`, `avg` of decimals, `hash`, `epoch`, `quantile_cont`, list and map subscripts, lambdas,
structs, ordered `list()`, `first`/`last`/`any_value` (they depend on the order of rows), `random`, today's date.
"""

PORTABLE = {
    # choices and conversions
    "Case", "If", "Coalesce", "Nullif", "Greatest", "Least", "Cast", "TryCast", "Exists",
    # text
    "Upper", "Lower", "Trim", "Length", "Substring", "StrPosition", "Replace", "SplitPart", "StartsWith", "ConcatWs",
    "Concat", "Left", "Right", "Pad", "RegexpLike",
    # numbers
    "Abs", "Round", "Floor", "Ceil", "Ln", "Exp", "Pow", "Sqrt", "bit_count",
    # days
    "Extract", "DateDiff", "TimestampTrunc", "DateTrunc", "DateFromParts",
    # over groups
    "Count", "Sum", "Min", "Max", "Median", "LogicalOr", "LogicalAnd", "BitwiseOrAgg", "GroupConcat", "Avg",
    "Stddev", "StddevSamp",
    # over windows
    "RowNumber", "Rank", "DenseRank", "Lag", "Lead", "Ntile", "CumeDist", "PercentRank",
    # codes side by side in one text
    "Split", "Explode", "Unnest", "ArrayDistinct", "SortArray", "ArraySort", "ArrayToString", "ArrayAgg", "ArraySize",
    # the grammar of `and`, `or`, `in`, intervals: sqlglot counts them as functions
    "And", "Or", "Xor",
}  # fmt: skip
