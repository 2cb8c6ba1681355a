"""execute_mysql_query and its kin, each with the parameters and the rows that its driver had."""
import re


PERCENT = re.compile(r"%(?:(%)|(s)|\((\w+)\)s)")


def percent_style(sql, params):
    """`%s` and `%(name)s` of MySQL and PostgreSQL, written as :name."""
    if not params and params != 0:
        return sql, {}
    values = {}
    if isinstance(params, dict):
        given = None
    else:
        given = list(params) if isinstance(params, (list, tuple)) else [params]
    taken = []

    def place(match):
        if match.group(1):
            return "%"
        if match.group(3):
            if given is not None:
                raise TypeError("the statement names %s, and its parameters have no names" % match.group(0))
            name, value = match.group(3), params[match.group(3)]
        else:
            if given is None or len(taken) >= len(given):
                raise TypeError("not enough arguments for format string")
            name, value = "py%d" % (len(taken) + 1), given[len(taken)]
            taken.append(value)
        values[name] = sent(value)
        # A tuple brings its own parentheses: IN %s.
        in_list = isinstance(value, (tuple, set, frozenset)) or (isinstance(value, list) and not is_array_place(sql, match))
        return "(:%s)" % name if in_list else ":%s" % name

    text = PERCENT.sub(place, sql)
    if given is not None and len(taken) < len(given):
        raise TypeError("not all arguments converted during string formatting")
    return text, values


def is_array_place(sql, match):
    before, after = sql[:match.start()].rstrip().lower(), sql[match.end():].lstrip()
    in_parentheses = re.search(r"\bin\s*\(\s*$", before) is not None
    return in_parentheses or re.search(r"\b(any|all|some)\s*\(\s*$", before) is not None or after.startswith("::")


def oracle_style(sql, params):
    if not params:
        return sql, {}
    if isinstance(params, dict):
        return sql, {str(name).lstrip(":"): sent(value) for name, value in params.items()}
    numbered = re.sub(r"(?<![\w:']):(\d+)\b", r":py\1", sql)
    return numbered, {"$": "list", "v": [sent(value) for value in params]}


def mark_style(sql, params):
    if not params and params != 0:
        return sql, {}
    given = params if isinstance(params, (list, tuple)) else [params]
    return sql, {"$": "list", "v": [sent(value) for value in given]}


def query_function(name, what, style, rows_of):
    def execute(db_name, query, params=None):
        try:
            sql, values = style(query, params)
        except (TypeError, ValueError, KeyError) as error:
            raise Exception("%s 查询失败: %s" % (what, error))
        answer = LINK.ask("query", {"database": str(db_name), "sql": sql, "params": values, "named": style is not mark_style})
        if "error" in answer:
            raise Exception("%s 查询失败: %s" % (what, answer["error"]))
        columns = answer["columns"]
        return rows_of(columns, [[received(value) for value in row] for row in answer["rows"]])

    execute.__name__ = execute.__qualname__ = name
    return execute


def dictionaries(columns, rows):
    return [dict(zip(columns, row)) for row in rows]


def tuples(_columns, rows):
    return [tuple(row) for row in rows]


def records(columns, rows):
    """Rows by place and by name, as pyodbc gives them."""
    places = {name: place for place, name in enumerate(columns)}

    class Row(tuple):
        __slots__ = ()

        def __getattr__(self, name):
            if name in places:
                return self[places[name]]
            raise AttributeError("no column %s; there are: %s" % (name, ", ".join(columns)))

    return [Row(row) for row in rows]
