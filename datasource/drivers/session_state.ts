/** Which statements leave something behind in their session, so that the next user of the connection would meet it. */

import { withoutComments } from "../sql.ts";

/** Statements that change rows or read them, and nothing else. */
const PLAIN =
  /^[\s(]*(?:select|insert|update|delete|merge|replace|values|with|explain|show|describe|truncate|table)\b/i;
/** What even those can leave behind: settings, locks and variables of the session, tables of its own. */
const LASTING =
  /set_config\s*\(|pg_(?:try_)?advisory_lock|get_lock\s*\(|sp_getapplock|:=|\binto\s+(?:@|#|temp|local|global)|\bdbms_session\b|\bdblink/i;

/** False only where it is sure: a session that is made fresh needlessly costs a moment, one that is not gives wrong answers. */
export function changesSession(text: string): boolean {
  const bare = withoutComments(text);
  return !PLAIN.test(bare) || LASTING.test(bare);
}
