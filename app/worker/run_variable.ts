/**
 * In a host: the variable by which the children of a run are known, and whether the environment is as it was before the
 * run. Both are asked for with each run: reading all variables, and setting one, take a tenth of a short run's time.
 */
import type { SystemCalls } from "./system_calls.ts";

const NAME = "CARILLON_RUN_ID";
/** Of the variable's place; a longer id is set in the runtime's own way. */
const PLACE_BYTES = 256;

export interface RunVariable {
  /** From now on children have this run's id. */
  begin(runId: string): void;
  /** From now on they have none. */
  end(): void;
  /** True where no variable was set, changed or taken away since {@link RunVariable.settle}. */
  isUnchanged(): boolean;
  /** Takes the environment as it is now. */
  settle(): void;
}

export function runVariable(calls: SystemCalls | undefined): RunVariable {
  return (calls && variableInPlace(calls)) ?? plainVariable();
}

/** Nobody knows what was changed: all variables have to be read. */
function plainVariable(): RunVariable {
  const { env: { set, delete: remove } } = Deno;
  const [setVariable, deleteVariable] = [set.bind(Deno.env), remove.bind(Deno.env)];
  return {
    begin: (runId) => setVariable(NAME, runId),
    end: () => deleteVariable(NAME),
    isUnchanged: () => false,
    settle: () => {},
  };
}

/**
 * The value is written in place, into a text that the C library's list of variables names. Between runs the text is empty,
 * which is no variable.
 */
function variableInPlace(calls: SystemCalls): RunVariable | undefined {
  let isUnchanged = calls.environmentMark();
  if (!isUnchanged) return undefined;
  const plain = plainVariable();
  const encoder = new TextEncoder();
  const start = encoder.encode(`${NAME}=`);
  // Its address is kept: memory of its own does not move, as an array's that the runtime keeps itself may.
  const text = new Uint8Array(new ArrayBuffer(PLACE_BYTES));
  const write = (runId: string) => {
    const { read, written } = encoder.encodeInto(runId, text.subarray(start.length, -1));
    if (read < runId.length) return false;
    text[start.length + written] = 0;
    text.set(start);
    return true;
  };
  const hide = () => {
    text[0] = 0;
  };
  const settle = () => {
    write("");
    calls.placeVariable(text);
    hide();
    isUnchanged = calls.environmentMark();
  };
  settle();
  return {
    begin(runId) {
      if (!write(runId)) plain.begin(runId);
    },
    end: hide,
    isUnchanged: () => isUnchanged?.() ?? false,
    settle,
  };
}
