/** A folder as PyScheduler's documentation describes it, with all of its examples, for an import. */

/** The jobs of the documentation: what stands behind the function in `add_job`, and the id it gets here. */
export const DOCUMENTED: readonly (readonly [id: string, trigger: string])[] = [
  ["every_5_s", "'interval', seconds=5"],
  ["every_10_min", "'interval', minutes=10"],
  ["every_2_h", "'interval', hours=2"],
  ["every_3_days", "'interval', days=3"],
  ["every_2_weeks", "'interval', weeks=2"],
  ["from_start", "'interval', seconds=5, start_date='2023-10-01 00:00:00'"],
  ["until_end", "'interval', seconds=5, end_date='2023-10-31 23:59:59'"],
  ["in_zone", "'interval', seconds=5, timezone='Asia/Shanghai'"],
  ["minutely", "'cron', minute='*'"],
  ["quarter_past", "'cron', minute=15"],
  ["half_past_ten", "'cron', hour=10, minute=30"],
  ["mondays", "'cron', day_of_week='mon', hour=10, minute=30"],
  ["first_and_15th", "'cron', day='1,15', hour=10, minute=30"],
  ["new_year", "'cron', month='1', day='1', hour=0, minute=0"],
  ["cron_from", "'cron', minute='*', start_date='2023-10-01 00:00:00'"],
  ["cron_until", "'cron', minute='*', end_date='2023-10-31 23:59:59'"],
  ["cron_in_zone", "'cron', minute='*', timezone='Asia/Shanghai'"],
  ["daily_from", "'cron', hour=10, minute=30, start_date='2026-03-01 00:00:00', timezone='Asia/Shanghai'"],
  ["mondays_until", "'cron', day_of_week='mon', hour=10, minute=30, end_date='2026-06-30 23:59:59'"],
  ["month_in_zone", "'cron', day='1,15', hour=10, minute=30, timezone='Europe/Stockholm'"],
  ["get_test_data", "'cron', hour='*/2'"],
];

const CONFIG = `# -*- coding: UTF-8 -*-
from apscheduler.schedulers.background import BackgroundScheduler

from tasks import sync_tasks

scheduler = BackgroundScheduler()

# 在此处添加任务
scheduler.add_job(sync_tasks.get_test_data, 'cron', hour='*/2', id='get_test_data',
                  kwargs={'begin_date': '', 'end_date': ''})
${
  DOCUMENTED.filter(([id]) => id !== "get_test_data")
    .map(([id, trigger]) => `scheduler.add_job(sync_tasks.tick, ${trigger}, id='${id}')`).join("\n")
}
for hour in range(3):
    scheduler.add_job(sync_tasks.tick, 'cron', hour=hour, id=f'at_{hour}')


def start_scheduler():
    scheduler.start()
`;

/** As the example of the documentation: strings put together, errors caught, the end recorded in \`finally\`. */
const SYNC_TASKS = `# -*- coding: UTF-8 -*-
import datetime
import logging

from datasource import execute_mysql_query
from . import record_task_history


def tick():
    print('tick')
    record_task_history('every_5_s', '已完成')


def get_test_data(begin_date='', end_date=''):
    if begin_date == '':
        begin_date = (datetime.datetime.now() - datetime.timedelta(hours=3)).strftime('%Y-%m-%d %H:%M:%S')
    if end_date == '':
        end_date = datetime.datetime.now().strftime('%Y-%m-%d %H:%M:%S')
    msg = ''
    logging.info(f'开始同步 {begin_date} 到 {end_date} 的测试数据...')
    try:
        sql = f"""SELECT * FROM tbl_test
                  WHERE create_time >= '{begin_date}' AND create_time < '{end_date}'
                  ORDER BY create_time DESC"""
        rows = execute_mysql_query('test_db', sql)
        logging.info('%d rows: %s', len(rows), [row['name'] for row in rows])
        msg = '已完成'
    except Exception as e:
        msg = f'异常: {str(e)}'
    finally:
        record_task_history('get_test_data', msg)
`;

/** Keeps its own list, as PyScheduler's did; a run of Carillon must not write it. */
const TASKS_INIT = `import json

MAX_HISTORY_SIZE = 500
task_history = []


def record_task_history(job_id, status):
    task_history.append({'job_id': job_id, 'status': status})
    with open('task_history.json', 'w') as file:
        json.dump(task_history, file)
`;

/** The team's own helpers, whose drivers are not installed here. */
const DATASOURCE_INIT = `from .config_utils import get_db_config
from .mysql_utils import execute_mysql_query
from .oracle_utils import execute_oracle_query
`;

const HISTORY = JSON.stringify([
  { job_id: "get_test_data", status: "已完成", timestamp: "2026-01-31 08:00:00" },
  { job_id: "get_test_data", status: "异常: MySQL 查询失败", timestamp: "2026-01-31 10:00:00" },
]);

/** Files by their path in a folder `PyScheduler`. */
export const PYSCHEDULER_FOLDER: Readonly<Record<string, string>> = {
  "PyScheduler/config.py": CONFIG,
  "PyScheduler/tasks/__init__.py": TASKS_INIT,
  "PyScheduler/tasks/sync_tasks.py": SYNC_TASKS,
  "PyScheduler/datasource/__init__.py": DATASOURCE_INIT,
  "PyScheduler/datasource/config_utils.py": "def get_db_config(name):\n    return {}\n",
  "PyScheduler/datasource/mysql_utils.py": "import pymysql\n",
  "PyScheduler/datasource/oracle_utils.py": "import cx_Oracle\n",
  "PyScheduler/datasource/database.ini":
    "# 数据库连接配置\n\n[test_db]\nhost = 127.0.0.1\nport = 3306\ndatabase = mysql\nuser = root\npassword = test_Pwd\n",
  "PyScheduler/api/__init__.py":
    "from .api_client import APIClient\n\nclient = APIClient(\n    base_url=\"https://api.example.com\",\n    app_id='a', app_secret='geheim')\n",
  "PyScheduler/task_history.json": HISTORY,
};
