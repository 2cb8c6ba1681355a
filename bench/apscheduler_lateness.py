"""How late APScheduler 3 begins jobs that are due every second, their due instants spread over it.

Arguments: how many jobs, seconds of warm-up, seconds of measuring. Prints one line of JSON.
"""
import asyncio
import json
import resource
import sys
import time
from datetime import datetime, timedelta, timezone

from apscheduler.schedulers.asyncio import AsyncIOScheduler

count, warm_up, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
lateness = []
begin = int(time.time()) + 1.0


def job(offset):
    now = time.time()
    lateness.append((now - offset) % 1.0 * 1000)


async def main():
    scheduler = AsyncIOScheduler(timezone=timezone.utc)
    for i in range(count):
        start = datetime.fromtimestamp(begin + i / count, timezone.utc)
        scheduler.add_job(run, "interval", seconds=1, start_date=start, args=[begin + i / count],
                          misfire_grace_time=60, max_instances=10, id=str(i))
    scheduler.start()
    await asyncio.sleep(warm_up)
    first = len(lateness)
    before = time.process_time()
    await asyncio.sleep(seconds)
    used = time.process_time() - before
    values = sorted(lateness[first:])
    print(json.dumps({
        "p50": values[len(values) // 2],
        "p99": values[int(len(values) * 0.99)],
        "count": len(values),
        "cpu": used / seconds,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }))


async def run(offset):
    job(offset)


asyncio.run(main())
