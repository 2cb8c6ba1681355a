"""Values between Python and Carillon, with a mark on what JSON has no form for."""
import base64
import datetime
import decimal
import json
import uuid


def sent(value):
    """A value of a statement, as it travels."""
    if value is None or isinstance(value, (bool, int, str)):
        # Larger whole numbers would lose digits in JSON.
        return {"$": "integer", "v": str(value)} if type(value) is int and abs(value) > 2 ** 53 - 1 else value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError("%s is a number that cannot be sent to a database" % value)
        return value
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = int(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return "%s%02d:%02d:%02d" % (sign, seconds // 3600, seconds // 60 % 60, seconds % 60)
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$": "bytes", "v": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, (list, tuple, set, frozenset)):
        return {"$": "list", "v": [sent(each) for each in value]}
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=as_text)
    return str(value)


def received(value):
    """A value of a row, in the type that Python's drivers give."""
    if not isinstance(value, dict):
        return value
    kind, text = value["$"], value["v"]
    if kind == "integer":
        return int(text)
    if kind == "bytes":
        return base64.b64decode(text)
    if kind == "number":
        return float(text)
    if kind == "json":
        return text
    if kind == "duration":
        return datetime.timedelta(seconds=text)
    if kind == "list":
        return [received(each) for each in text]
    if kind == "instant":
        return moment(text[:-1]).replace(tzinfo=datetime.timezone.utc)
    if kind == "datetime":
        return moment(text)
    if kind == "date":
        return datetime.datetime.strptime(text, "%Y-%m-%d").date()
    if kind == "time":
        return moment("1970-01-01T" + text).time()
    return text


def moment(text):
    whole, _, fraction = text.partition(".")
    if whole.count(":") == 1:
        whole += ":00"
    read = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    return read.replace(microsecond=int((fraction + "000000")[:6])) if fraction else read
