/** All that can be done from outside: the operations, and the hooks that ask for them by signed requests. */
import { acknowledgementFile, Acknowledgements } from "../acknowledgements.ts";
import { auditedOperations } from "../audited_operations.ts";
import { Hooks } from "../hooks.ts";
import type { Notifications } from "../notifications.ts";
import { Operations } from "../operations.ts";
import { AcknowledgeOperations } from "../operations/acknowledge_operations.ts";
import { BackfillOperations } from "../operations/backfill_operations.ts";
import { CancelOperations } from "../operations/cancel_operations.ts";
import { DecisionOperations } from "../operations/decision_operations.ts";
import { Expected } from "../operations/expected.ts";
import { PauseOperations } from "../operations/pause_operations.ts";
import { PeopleOperations } from "../operations/people_operations.ts";
import { RunOperations } from "../operations/run_operations.ts";
import type { Works } from "./engine.ts";
import type { Questions } from "./questions.ts";

export interface DoorParts extends Works, Questions {
  readonly notifications: Notifications;
}

export interface ComposedDoor {
  readonly acknowledgements: Acknowledgements;
  readonly operations: Operations;
  readonly hooks: Hooks;
}

export function composeDoor(parts: DoorParts): ComposedDoor {
  const { config, clock, events, journal, lifetime, history, audit, taskOf } = parts;
  const acknowledgements = new Acknowledgements(acknowledgementFile(config.history.file), journal, events);
  const operations = composeOperations(parts, acknowledgements);
  const hooks = new Hooks({
    clock,
    events,
    journal,
    lifetime,
    secrets: config.secrets,
    taskOf,
    runs: history,
    operations: auditedOperations(operations, audit.log),
  });
  return { acknowledgements, operations, hooks };
}

function composeOperations(parts: DoorParts, acknowledgements: Acknowledgements): Operations {
  const { lifetime, taskOf, history, reloader, checker, audit, notifications } = parts;
  const expected = new Expected({ lifetime, taskOf, runs: history });
  return new Operations({
    runs: new RunOperations({ ...parts, expected, runs: history }),
    decisions: new DecisionOperations({ ...parts, expected, runs: history }),
    cancels: new CancelOperations({ ...parts, expected }),
    backfills: new BackfillOperations({ ...parts, expected }),
    pauses: new PauseOperations({ ...parts, expected }),
    acknowledgements: new AcknowledgeOperations({ ...parts, expected, acknowledgements }),
    reloader,
    checker,
    audit: audit.log,
    notify: notifications.operations,
    people: new PeopleOperations(parts.auth),
  });
}
