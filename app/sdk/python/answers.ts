/** What Python code asks of databases and APIs, answered by Carillon's own drivers and client. */
import { z } from "zod";
import { query } from "../../../datasource/datasource.ts";
import { currentDatasource } from "../../../datasource/environment.ts";
import { ApiClient, type ApiRequestOptions } from "../../../datasource/http_client/api_client.ts";
import { parameterNames, type SqlParams } from "../../../datasource/sql.ts";
import { receivedValue, type SentRows, sentRows } from "./values.ts";

const QUERY = z.object({
  database: z.string(),
  sql: z.string(),
  params: z.unknown(),
  /** True where its parameters are written as `:name`. */
  named: z.boolean(),
});

const QUERY_VALUE = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const API = z.object({
  client: z.object({ baseUrl: z.string(), appId: z.string(), appSecret: z.string() }).nullable(),
  method: z.enum(["GET", "POST", "PUT", "DELETE"]),
  path: z.string(),
  query: z.record(z.string(), z.union([QUERY_VALUE, z.array(QUERY_VALUE)])).nullable(),
  json: z.unknown(),
  hasJson: z.boolean(),
  form: z.record(z.string(), QUERY_VALUE).nullable(),
  text: z.string().nullable(),
  headers: z.record(z.string(), z.string()).nullable(),
  seconds: z.number().nullable(),
});

/** What Python code can ask for. */
export type Asked = "query" | "api";

/** Answers one question. @throws whatever the database or the API refuses, and a ZodError for what is no question */
export async function answer(
  what: Asked,
  values: unknown,
  signal: AbortSignal | undefined,
  clients: Map<string, ApiClient>,
): Promise<SentRows | { readonly value: unknown }> {
  if (what === "query") return await answerQuery(QUERY.parse(values), signal);
  return { value: await answerApi(API.parse(values), signal, clients) };
}

async function answerQuery(
  { database, sql, params, named }: z.output<typeof QUERY>,
  signal: AbortSignal | undefined,
): Promise<SentRows> {
  const { dialect } = (await currentDatasource().database(database)).here();
  const rows = await query(
    database,
    sql,
    paramsOf(params, named ? parameterNames(sql, dialect) : undefined),
    {
      signal,
    },
  );
  return sentRows(rows, dialect === "mysql");
}

/** @param names where values that came as a list are meant by name, in the order of their first use */
function paramsOf(given: unknown, names: readonly string[] | undefined): SqlParams {
  const read = isMarkedList(given) ? receivedValue(given) : given;
  if (!Array.isArray(read)) {
    return Object.fromEntries(
      Object.entries(read ?? {}).map(([name, value]) => [name, receivedValue(value)]),
    );
  }
  if (names === undefined) return read;
  if (names.length !== read.length) {
    throw new TypeError(`the statement has ${names.length} parameters, and ${read.length} values were given`);
  }
  return Object.fromEntries(numbered(names).map((name, i) => [name, read[i]]));
}

/** `:1` and `:2` are values by their numbers, whichever comes first in the statement. */
function numbered(names: readonly string[]): readonly string[] {
  const isNumbered = names.every((name) => /^py\d+$/.test(name));
  return isNumbered ? [...names].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2))) : names;
}

function isMarkedList(given: unknown): boolean {
  return typeof given === "object" && given !== null && "$" in given && given.$ === "list";
}

async function answerApi(
  { client, method, path, query, json, hasJson, form, text, headers, seconds }: z.output<typeof API>,
  signal: AbortSignal | undefined,
  clients: Map<string, ApiClient>,
): Promise<unknown> {
  const api = client === null ? currentDatasource().api : clientOf(client, clients);
  const options: ApiRequestOptions = {
    query: query ?? undefined,
    headers: text === null ? headers ?? undefined : { "content-type": "application/json", ...headers },
    timeout: seconds === null ? undefined : { seconds },
    signal,
  };
  const body = form
    ? formOf(form)
    : text !== null
    ? new TextEncoder().encode(text)
    : hasJson
    ? json
    : undefined;
  if (method === "POST") return await api.post(path, body, options);
  if (method === "PUT") return await api.put(path, body, options);
  if (body !== undefined) throw new TypeError(`api_${method.toLowerCase()}: Carillon sends no body with it`);
  return method === "GET" ? await api.get(path, options) : await api.delete(path, options);
}

function formOf(form: Readonly<Record<string, string | number | boolean | null>>): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) if (value !== null) body.append(name, String(value));
  return body;
}

/** A client keeps its token: the same one for the same account. */
function clientOf(
  account: { readonly baseUrl: string; readonly appId: string; readonly appSecret: string },
  clients: Map<string, ApiClient>,
): ApiClient {
  const key = JSON.stringify(account);
  const known = clients.get(key) ?? new ApiClient(account);
  clients.set(key, known);
  return known;
}
