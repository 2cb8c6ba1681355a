/** In the clock: what a host says is untrusted. Each message is taken apart here, and what does not fit is an error. */
import type { Sentence } from "../base/sentence.ts";
import { isSentence, sentenceText } from "../locale/sentence.ts";
import { MAX_ARTIFACT_TEXT, PIECE_BYTES } from "../model/artifact.ts";
import { MAX_RESULT_BYTES } from "../model/result.ts";
import { LOG_LEVELS, type LogLevel } from "../base/log_level.ts";
import type { RunError } from "../model/run.ts";
import { MAX_PLANS, MAX_PLANS_LENGTH, type RunPlan } from "../model/planned_run.ts";
import type { AttemptSpan, ParamProblem, RunAnswer, RunNews, TaskWatermarks } from "../model/order.ts";
import {
  MAX_ERROR_MESSAGE_LENGTH,
  MAX_ERROR_NAME_LENGTH,
  MAX_LEFT,
  MAX_LINE_LENGTH,
  MAX_MESSAGE_LENGTH,
  MAX_PROBLEMS,
  MAX_SPAN_TEXT,
  MAX_STACK_LENGTH,
  MAX_WATERMARK_LENGTH,
  MAX_WATERMARKS_LENGTH,
} from "./limits.ts";
import type { FromHost, HostAnswer, HostState } from "./messages.ts";
import { checkedDescriptions, checkedParams } from "./check_description.ts";

/** A host has said something that is not part of the protocol. */
export class MessageError extends Error {
  override readonly name = "MessageError";
}

/** A piece as base64. */
const PIECE_CHARACTERS = Math.ceil(PIECE_BYTES / 3) * 4;

type Fields = Readonly<Record<string, unknown>>;

/** The message, with nothing in it but what belongs there. @throws MessageError */
export function checkedMessage(message: unknown): FromHost {
  const given = fields("message", message);
  switch (given.kind) {
    case "token":
      return { kind: "token", token: text("token", given.token, 100) };
    case "ready":
      return { kind: "ready" };
    case "began":
      return { kind: "began", run: count("run", given.run) };
    case "news":
      return { kind: "news", run: count("run", given.run), news: checkedNews(fields("news", given.news)) };
    case "end": {
      const { run, answer, state, waited } = given;
      return {
        kind: "end",
        run: count("run", run),
        waited: waited !== false,
        answer: checkedAnswer(fields("answer", answer)),
        state: checkedState(fields("state", state)),
      };
    }
    case "answer": {
      const { n, answer, state } = given;
      return {
        kind: "answer",
        n: count("n", n),
        answer: checkedHostAnswer(fields("answer", answer)),
        state: checkedState(fields("state", state)),
      };
    }
    case "stray":
      return { kind: "stray", error: checkedError(fields("error", given.error)) };
    case "pong":
      return { kind: "pong", n: count("n", given.n) };
    default:
      throw new MessageError("a message of an unknown kind");
  }
}

function checkedNews(given: Fields): RunNews {
  if (given.kind === "log") {
    return { kind: "log", level: level(given.level), text: text("line", given.text, MAX_LINE_LENGTH) };
  }
  if (given.kind === "artifact") {
    const { id, title, name, data, last } = given;
    return {
      kind: "artifact",
      id: count("id", id),
      title: text("title", title, MAX_ARTIFACT_TEXT),
      name: text("name", name, MAX_ARTIFACT_TEXT),
      data: text("piece", data, PIECE_CHARACTERS),
      last: last === true,
    };
  }
  if (given.kind === "span") return { kind: "span", span: checkedSpan(fields("span", given.span)) };
  if (given.kind !== "progress") throw new MessageError("news of an unknown kind");
  const { fraction, note } = given;
  if (typeof fraction !== "number" || !(fraction >= 0 && fraction <= 1)) {
    throw new MessageError("a fraction that is not from 0 to 1");
  }
  return { kind: "progress", fraction, note: optionalText("note", note, MAX_MESSAGE_LENGTH) };
}

const MAX_SPAN_ATTRIBUTES = 10;
const LONGEST_SPAN_MS = 366 * 86_400_000;

function checkedSpan({ spanId, parentSpanId, name, ms, attributes, error }: Fields): AttemptSpan {
  const id = (value: unknown) => {
    if (typeof value === "string" && /^[\da-f]{16}$/.test(value)) return value;
    throw new MessageError("an id of a span that is none");
  };
  if (typeof ms !== "number" || !(ms >= 0 && ms <= LONGEST_SPAN_MS)) {
    throw new MessageError("a time that is no number");
  }
  const about = Object.entries(fields("attributes", attributes));
  if (about.length > MAX_SPAN_ATTRIBUTES) throw new MessageError("too many attributes");
  return {
    spanId: id(spanId),
    parentSpanId: id(parentSpanId),
    name: text("name", name, MAX_SPAN_TEXT),
    ms,
    attributes: Object.fromEntries(about.map(([key, value]) => [
      text("name", key, MAX_SPAN_TEXT),
      typeof value === "number" && Number.isFinite(value) ? value : text("value", value, MAX_SPAN_TEXT),
    ])),
    error: optionalText("error", error, MAX_SPAN_TEXT),
  };
}

function checkedAnswer(given: Fields): RunAnswer {
  switch (given.kind) {
    case "succeeded":
      return {
        kind: "succeeded",
        message: optionalText("message", given.message, MAX_MESSAGE_LENGTH),
        result: optionalText("result", given.result, MAX_RESULT_BYTES),
        watermarks: given.watermarks === undefined ? undefined : checkedMarks(given.watermarks),
        plans: given.plans === undefined ? undefined : checkedPlans(given.plans),
      };
    case "refused":
      return { kind: "refused", problems: checkedProblems(given.problems) };
    case "failed":
      return {
        kind: "failed",
        error: checkedError(fields("error", given.error)),
        retryable: given.retryable === true ? true : undefined,
      };
    default:
      throw new MessageError("an answer of an unknown kind");
  }
}

function checkedHostAnswer(given: Fields): HostAnswer {
  switch (given.kind) {
    case "described":
      return { kind: "described", descriptions: checkedDescriptions(given.descriptions) };
    case "params":
      return { kind: "params", params: checkedParams(given.params) };
    case "checked":
      return { kind: "checked", problems: checkedProblems(given.problems) };
    case "database_tested":
      if (typeof given.ms !== "number" || !(given.ms >= 0)) {
        throw new MessageError("a time that is no number");
      }
      return { kind: "database_tested", version: text("version", given.version, 1_000), ms: given.ms };
    case "failed": {
      const error = checkedError(fields("error", given.error));
      return { kind: "failed", error, sentence: checkedSentence(given.sentence, error.message) };
    }
    default:
      throw new MessageError("an answer of an unknown kind");
  }
}

/** Only where it says what the message says: no language is told anything else. */
function checkedSentence(given: unknown, message: string): Sentence | undefined {
  return isSentence(given) && sentenceText(given, "en") === message ? given : undefined;
}

function checkedState(given: Fields): HostState {
  const left = list("left", given.left, MAX_LEFT).map((each) => text("left", each, MAX_MESSAGE_LENGTH));
  return { clean: given.clean === true && left.length === 0, left, modules: count("modules", given.modules) };
}

function checkedError(given: Fields): RunError {
  const error = {
    name: text("name", given.name, MAX_ERROR_NAME_LENGTH),
    message: text("message", given.message, MAX_ERROR_MESSAGE_LENGTH),
  };
  const stack = optionalText("stack", given.stack, MAX_STACK_LENGTH);
  return stack === undefined ? error : { ...error, stack };
}

function checkedProblems(given: unknown): readonly ParamProblem[] {
  return list("problems", given, MAX_PROBLEMS).map((each) => {
    const { name, message } = fields("problem", each);
    return {
      name: text("name", name, MAX_MESSAGE_LENGTH),
      message: text("message", message, MAX_ERROR_MESSAGE_LENGTH),
    };
  });
}

function checkedMarks(given: unknown): TaskWatermarks {
  let length = 0;
  const marks = Object.entries(fields("watermarks", given)).map(
    ([name, value]): [string, string | number] => {
      if (typeof value !== "number") text("watermark", value, MAX_WATERMARK_LENGTH);
      length += name.length + String(value).length;
      return [name, value as string | number];
    },
  );
  if (length > MAX_WATERMARKS_LENGTH) throw new MessageError("watermarks that are too long");
  return Object.fromEntries(marks);
}

function checkedPlans(given: unknown): readonly RunPlan[] {
  const plans = list("plans", given, MAX_PLANS).map((each) => {
    const { taskId, at, params } = fields("plan", each);
    if (typeof at !== "number" || !Number.isSafeInteger(at)) throw new MessageError("a moment that is none");
    return { taskId: text("task", taskId, MAX_MESSAGE_LENGTH), at, params: fields("parameters", params) };
  });
  if (JSON.stringify(plans).length > MAX_PLANS_LENGTH) throw new MessageError("plans that are too long");
  return plans;
}

function fields(what: string, value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new MessageError(`a ${what} that is not an object`);
}

function list(what: string, value: unknown, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  throw new MessageError(`${what}: not a list of ${most} at the most`);
}

function text(what: string, value: unknown, most: number): string {
  if (typeof value !== "string") throw new MessageError(`a ${what} that is not a text`);
  if (value.length > most) {
    throw new MessageError(`a ${what} of ${value.length} characters; ${most} are allowed`);
  }
  return value;
}

function optionalText(what: string, value: unknown, most: number): string | undefined {
  return value === undefined ? undefined : text(what, value, most);
}

function count(what: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new MessageError(`a ${what} that is not a whole number`);
}

function level(value: unknown): LogLevel {
  const known = LOG_LEVELS.find((each) => each === value);
  if (known === undefined) throw new MessageError("a log level that there is not");
  return known;
}
