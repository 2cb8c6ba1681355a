/** What `carillon init` begins with: the tasks of this repository, or some of its examples. */
import databaseSql from "../../datasource/test_db.sql" with { type: "text" };
import flaky from "../../tasks/flaky.ts" with { type: "text" };
import getTestData from "../../tasks/get_test_data.ts" with { type: "text" };
import hello from "../../tasks/hello.ts" with { type: "text" };
import heartbeat from "../../tasks/heartbeat.ts" with { type: "text" };
import localTime from "../../tasks/_local_time.ts" with { type: "text" };
import nightlyReport from "../../tasks/nightly_report.ts" with { type: "text" };
import sink from "../../tasks/_sink.ts" with { type: "text" };
import etlDatabases from "../../examples/incremental_sync/database.ini" with { type: "text" };
import shopSql from "../../examples/incremental_sync/shop.sql" with { type: "text" };
import dwhSql from "../../examples/incremental_sync/dwh.sql" with { type: "text" };
import syncOrders from "../../examples/incremental_sync/tasks/sync_orders.ts" with { type: "text" };
import dailyTotals from "../../examples/incremental_sync/tasks/daily_totals.sql" with { type: "text" };
import apiDatabases from "../../examples/api_pages/database.ini" with { type: "text" };
import crmSql from "../../examples/api_pages/crm.sql" with { type: "text" };
import apiSecrets from "../../examples/api_pages/secrets.ini" with { type: "text" };
import fetchCustomers from "../../examples/api_pages/tasks/fetch_customers.ts" with { type: "text" };
import reportDatabases from "../../examples/report/database.ini" with { type: "text" };
import weeklyReport from "../../examples/report/tasks/weekly_report.ts" with { type: "text" };
import backup from "../../examples/backup/tasks/backup.sh" with { type: "text" };
import pruneBackups from "../../examples/backup/tasks/prune_backups.ts" with { type: "text" };
import checkSites from "../../examples/housekeeping/tasks/check_sites.ts" with { type: "text" };
import cleanUp from "../../examples/housekeeping/tasks/clean_up.sh" with { type: "text" };
import diskSpace from "../../examples/housekeeping/tasks/disk_space.ts" with { type: "text" };

const DEMO_DATABASES = `# Databases that tasks use by name: one section a database.

[test_db]
type = sqlite
database = data/test.db
# Fills the file when it is created.
schema = test_db.sql
`;

export interface Starter {
  /** Sections at the end of carillon.ini. */
  readonly settings?: string;
  /** Files by their path. */
  readonly files: Readonly<Record<string, string>>;
}

export const DEFAULT_STARTER = "demo";

/** Each has a first task with comments. */
export const STARTERS: Readonly<Record<string, Starter>> = {
  [DEFAULT_STARTER]: {
    files: {
      "database.ini": DEMO_DATABASES,
      "test_db.sql": databaseSql,
      "tasks/_local_time.ts": localTime,
      "tasks/_sink.ts": sink,
      "tasks/flaky.ts": flaky,
      "tasks/get_test_data.ts": getTestData,
      "tasks/heartbeat.ts": heartbeat,
      "tasks/hello.ts": hello,
      "tasks/nightly_report.ts": nightlyReport,
    },
  },
  etl: {
    files: {
      "database.ini": etlDatabases,
      "shop.sql": shopSql,
      "dwh.sql": dwhSql,
      "tasks/hello.ts": hello,
      "tasks/sync_orders.ts": syncOrders,
      "tasks/daily_totals.sql": dailyTotals,
    },
  },
  api: {
    settings: `\n${apiSecrets}`,
    files: {
      "database.ini": apiDatabases,
      "crm.sql": crmSql,
      "tasks/hello.ts": hello,
      "tasks/fetch_customers.ts": fetchCustomers,
    },
  },
  report: {
    files: {
      "database.ini": reportDatabases,
      "shop.sql": shopSql,
      "tasks/hello.ts": hello,
      "tasks/weekly_report.ts": weeklyReport,
    },
  },
  ops: {
    files: {
      "tasks/hello.ts": hello,
      "tasks/backup.sh": backup,
      "tasks/prune_backups.ts": pruneBackups,
      "tasks/check_sites.ts": checkSites,
      "tasks/clean_up.sh": cleanUp,
      "tasks/disk_space.ts": diskSpace,
    },
  },
};
