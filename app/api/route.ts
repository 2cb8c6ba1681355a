/** The shape of a route of the API: what it takes and answers, as schemas, and the way through the one door. */
import type { Context } from "hono";
import type { z } from "zod";
import type { TextKey } from "../locale/locale.ts";
import type { Right } from "../model/access.ts";
import type { Actor } from "../model/actor.ts";
import type { WebContext } from "../web/context.ts";
import { readBody, readParams, readQuery } from "./reading.ts";
import type { RequestHeader } from "./request_headers.ts";
import type { Piece } from "./streams.ts";

/** Chapters of the document, in their order. */
export const GROUPS = ["tasks", "runs", "bulk", "backfills", "system"] as const;
export type Group = (typeof GROUPS)[number];

type NameIn<K> = K extends `api.route.${infer N}` ? N : never;
/** Name of a route; `api.route.<name>` says in each language what it does. */
export type RouteName = NameIn<TextKey>;

/** An answer in JSON. */
export interface JsonAnswer {
  readonly about: `api.answer.${string}` & TextKey;
  readonly schema: z.ZodType;
}

/** An answer that comes piece by piece, by media type; a schema is of one piece. */
export interface StreamAnswer {
  readonly about: `api.answer.${string}` & TextKey;
  readonly stream: Readonly<Record<string, z.ZodType>>;
}

export type Answers = Readonly<Record<number, JsonAnswer | StreamAnswer>>;

/** Statuses of the problems that a route may answer with beside those that every route may. */
export type ProblemStatus = 400 | 403 | 404 | 409 | 413 | 422 | 503;

/** What a handler gives back; what it may be, its route has declared. */
export type Reply<A extends Answers> = {
  readonly [S in keyof A & number]: A[S] extends { readonly schema: infer J extends z.ZodType }
    ? { readonly status: S; readonly body: z.input<J>; readonly headers?: Readonly<Record<string, string>> }
    : A[S] extends { readonly stream: infer T } ? {
        readonly status: S;
        readonly type: keyof T & string;
        readonly pieces: AsyncIterable<Piece>;
        readonly headers?: Readonly<Record<string, string>>;
      }
    : never;
}[keyof A & number];

/** What a handler works with. */
export interface Given<P, Q, B> extends WebContext {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly actor: Actor;
  /** A header field of the request; undefined where it has none. */
  readonly header: (name: RequestHeader) => string | undefined;
  /** Aborted once nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What a route declares of itself. */
export interface RouteSpec<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
  A extends Answers = Answers,
> {
  readonly name: RouteName;
  readonly group: Group;
  readonly method: "GET" | "POST";
  /** Behind `/api/v1`, with `:id` for what stands in `params`. */
  readonly path: `/${string}`;
  readonly right: Right;
  readonly params: P;
  /** Values, not texts: `z.int()` is a number of the query, `z.array()` a list with commas. */
  readonly query: Q;
  /** Of the body in JSON. */
  readonly body: B;
  readonly headers: readonly RequestHeader[];
  readonly answers: A;
  readonly problems: readonly ProblemStatus[];
}

/** A reply whose route has checked its type. */
export type AnyReply =
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | {
    readonly status: number;
    readonly type: string;
    readonly pieces: AsyncIterable<Piece>;
    readonly headers?: Readonly<Record<string, string>>;
  };

/** A route, as it is served and described. */
export interface Route extends RouteSpec {
  /** @throws RequestProblem or Refusal */
  reply(context: Context, web: WebContext, actor: Actor, signal: AbortSignal): Promise<AnyReply>;
}

/**
 * @param handle the way through the door: asks a query or calls an operation, and says how to answer
 *
 * @example
 * export const getRun = route({
 *   name: "getRun", group: "runs", method: "GET", path: "/runs/:id", right: "view",
 *   params: RUN_ID, query: NOTHING, body: NO_BODY, headers: [],
 *   answers: { 200: { about: "api.answer.run", schema: RUN } },
 *   problems: [404],
 * }, async ({ queries, params }) => ({ status: 200, body: runJson(await queries.runs.get(params.id)) }));
 */
export function route<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends Answers>(
  spec: RouteSpec<P, Q, B, A>,
  handle: (
    given: Given<z.output<P>, z.output<Q>, z.output<B>>,
  ) => Reply<NoInfer<A>> | Promise<Reply<NoInfer<A>>>,
): Route {
  return {
    ...spec,
    async reply(context, web, actor, signal) {
      const given = {
        ...web,
        actor,
        signal,
        params: readParams(context, spec.params),
        query: readQuery(context, spec.query),
        body: await readBody(context, spec.body),
        header: (name: RequestHeader) => context.req.header(name),
      };
      return await handle(given);
    },
  };
}
