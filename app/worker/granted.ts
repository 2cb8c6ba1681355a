/** In a host: what the code here may know of secrets, databases and the API, and the mask that goes with it. */
import { currentDatasource, useDatasource } from "../../datasource/environment.ts";
import { NotConfiguredError } from "../../datasource/errors.ts";
import type { DatabaseSettings } from "../../datasource/settings.ts";
import { createMask, type Mask } from "../base/mask.ts";
import { setSecrets } from "../sdk/secrets.ts";
import type { Grants } from "./messages.ts";

/** How long the connections that a run has opened may take to be closed. */
const CLOSE_MS = 2_000;

/** Makes the grants known to what tasks call; the answer takes the secrets among them out of a text. */
export function useGrants(grants: Grants): Mask {
  setSecrets(grants.secrets, grants.refusedSecrets);
  const { databaseFile, api } = grants;
  useDatasource({ databaseFile, api, settingsOf: (name) => settingsOf(grants, name) });
  return createMask([...Object.values(grants.secrets), ...grants.masked]);
}

function settingsOf(grants: Grants, name: string): DatabaseSettings {
  if (grants.databaseProblem !== undefined) throw new NotConfiguredError(grants.databaseProblem);
  const settings = Object.hasOwn(grants.databases, name) ? grants.databases[name] : undefined;
  if (settings && "problem" in settings) throw new NotConfiguredError(settings.problem);
  if (settings) return settings;
  if (grants.refusedDatabases.includes(name)) {
    throw new NotConfiguredError(
      `database "${name}": this task may not use it; name it in the task's databases, or allow it by [permissions] databases`,
    );
  }
  const known = Object.keys(grants.databases).map((each) => `[${each}]`).join(", ") || "none";
  throw new NotConfiguredError(
    `database "${name}": ${grants.databaseFile} has no section [${name}]; it has ${known}`,
  );
}

/** Closes the databases that a run has opened: nothing of its sessions is left for the next one. */
export async function closeOpened(): Promise<void> {
  const datasource = currentDatasource();
  if (!datasource.isOpen) return;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, CLOSE_MS);
  try {
    await Promise.race([datasource.close(), late.promise]);
  } catch {
    // A connection that cannot be closed shows as left behind: the host is not used again.
  } finally {
    clearTimeout(timer);
  }
}
