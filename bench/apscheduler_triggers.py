"""Reads cases as JSON on standard input, answers microseconds per fire of APScheduler for each."""
import json
import sys
import time
from datetime import datetime, timedelta

import pytz
from apscheduler.triggers.cron import CronTrigger

answers = []
given = json.load(sys.stdin)
for case in given["cases"]:
    zone = pytz.timezone(case["timezone"])
    trigger = CronTrigger(timezone=zone, **case["fields"])
    start = datetime.fromisoformat(case["from"].replace("Z", "+00:00")).astimezone(zone)
    best = float("inf")
    for _ in range(given["passes"]):
        begun = time.perf_counter()
        previous = None
        now = start
        for _ in range(given["calls"]):
            previous = trigger.get_next_fire_time(previous, now)
            now = previous
        best = min(best, time.perf_counter() - begun)
    answers.append(best * 1e6 / given["calls"])
json.dump(answers, sys.stdout)
