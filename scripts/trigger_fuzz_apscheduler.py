"""Reads cases as JSON lines on standard input; answers the fires that APScheduler 3 gives each, or an error, in lines."""
import json
import signal
import sys
from datetime import datetime, timedelta

import pytz
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

# A rule that never matches is searched for up to the year 9999.
LIMIT_SECONDS = 1


class TooLong(Exception):
    pass


def too_long(_signal, _frame):
    raise TooLong


def trigger_of(case):
    zone = pytz.timezone(case["timezone"])
    bounds = {
        name: case[key]
        for name, key in (("start_date", "startDate"), ("end_date", "endDate"))
        if key in case
    }
    if case["kind"] == "interval":
        return zone, IntervalTrigger(seconds=case["seconds"], timezone=zone, **bounds)
    return zone, CronTrigger(timezone=zone, **case["fields"], **bounds)


def fires_of(case):
    zone, trigger = trigger_of(case)
    now = datetime.fromtimestamp(case["after"], pytz.utc).astimezone(zone) + timedelta(microseconds=1)
    previous = None
    fires = []
    while len(fires) < case["count"]:
        previous = trigger.get_next_fire_time(previous, now)
        if previous is None:
            break
        fires.append(int(previous.timestamp()))
        now = previous
    return fires


signal.signal(signal.SIGALRM, too_long)
for line in sys.stdin:
    signal.alarm(LIMIT_SECONDS)
    try:
        answer = {"fires": fires_of(json.loads(line))}
    except TooLong:
        answer = {"error": "no answer"}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    signal.alarm(0)
    print(json.dumps(answer))
