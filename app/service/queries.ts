/** Everything that people and programs can see. Pages, the API, PyScheduler's addresses and the CLI are adapters of it. */
import type { AuditQueries } from "./queries/audit.ts";
import type { BackfillQueries } from "./queries/backfills.ts";
import type { ReportQueries } from "./queries/report.ts";
import type { EventFeed } from "./event_feed.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { HeartbeatQueries } from "./queries/heartbeat.ts";
import type { NotifyQueries } from "./queries/notify.ts";
import type { PeopleQueries } from "./queries/people.ts";
import type { ActivityView } from "./queries/activity.ts";
import type { RunQueries } from "./queries/runs.ts";
import type { SystemQueries } from "./queries/system.ts";
import type { TaskQueries } from "./queries/tasks.ts";
import type { TodayQueries } from "./queries/today.ts";

export interface Queries {
  readonly tasks: TaskQueries;
  readonly runs: RunQueries;
  readonly backfills: BackfillQueries;
  readonly report: ReportQueries;
  readonly system: SystemQueries;
  readonly notify: NotifyQueries;
  readonly metrics: Metrics;
  readonly heartbeat: HeartbeatQueries;
  readonly activity: ActivityView;
  readonly events: Pick<EventFeed, "follow">;
  readonly today: TodayQueries;
  readonly audit: AuditQueries;
  readonly people: PeopleQueries;
}
