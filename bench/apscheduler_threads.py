"""APScheduler 3 with its thread pool of 10 on the work of `hosts.ts`: how late it begins jobs, and how many it can do.

Arguments: `burst`, `spread` or `saturation`; how many jobs; seconds of measuring. Prints a line of JSON.
"""
import json
import sys
import threading
import time
from datetime import datetime, timezone

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

part, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])


def new_scheduler():
    return BackgroundScheduler(
        timezone=timezone.utc,
        executors={"default": ThreadPoolExecutor(10)},
        job_defaults={"misfire_grace_time": 60, "max_instances": 1},
    )


def due(offset):
    """Each job once a second; the first second is left out."""
    late, lost = [], []
    scheduler = new_scheduler()
    scheduler.add_listener(lost.append, EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)

    def job(at):
        late.append((time.time() - at) % 1.0 * 1000)

    begin = int(time.time()) + 3
    for i in range(count):
        at = begin + offset(i)
        scheduler.add_job(job, "interval", seconds=1, args=[at],
                          start_date=datetime.fromtimestamp(at, timezone.utc), id=str(i))
    scheduler.start()
    time.sleep(begin + 0.99 - time.time())
    late.clear()
    lost.clear()
    before = time.process_time()
    time.sleep(seconds)
    used = (time.process_time() - before) * 1000
    values = sorted(late)
    scheduler.shutdown(wait=True)
    return {
        "p50": values[len(values) // 2],
        "p99": values[int(len(values) * 0.99)],
        "a_second": len(values) / seconds,
        "cpu": used / len(values),
        "note": f"{len(lost)} missed or skipped",
    }


def saturation():
    """Each job is added once more, due at once, when it has been done."""
    done = 0
    counting = threading.Lock()
    scheduler = new_scheduler()
    scheduler.start()
    before = time.process_time()
    end = time.time() + seconds
    idle = threading.Semaphore(0)

    def job():
        nonlocal done
        with counting:
            done += 1
        idle.release()

    for _ in range(count):
        scheduler.add_job(job)
    while time.time() < end:
        idle.acquire()
        scheduler.add_job(job)
    used = (time.process_time() - before) * 1000
    scheduler.shutdown(wait=False)
    return {"p50": None, "p99": None, "a_second": done / seconds, "cpu": used / done, "note": ""}


if part == "saturation":
    measured = saturation()
else:
    measured = due((lambda i: 0) if part == "burst" else (lambda i: i / count))
print(json.dumps({key: value for key, value in measured.items() if value is not None}), flush=True)
