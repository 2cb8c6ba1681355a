/** The API client that all tasks share: its settings are `[api]` of carillon.ini. */
import { ApiClient, type ApiRequestOptions } from "./api_client.ts";

export interface ApiSettings {
  readonly baseUrl: string;
  readonly appId: string;
  readonly appSecret: string;
  readonly tokenPath: string;
  readonly timeoutMs: number;
}

let settings: ApiSettings | undefined;
let client: ApiClient | undefined;

/** Sets the settings of this thread; undefined where `[api]` names no address. */
export function setApiSettings(given: ApiSettings | undefined): void {
  settings = given;
  client = undefined;
}

/** Made when it is first needed: most tasks speak to no API. */
function shared(): ApiClient {
  if (client) return client;
  if (!settings) throw new Error("[api] of carillon.ini has no base_url; name the API's address there");
  const { timeoutMs, ...rest } = settings;
  return client = new ApiClient({ ...rest, timeout: { milliseconds: timeoutMs } });
}

/**
 * Asks the API of `[api]` in carillon.ini; see {@link ApiClient.get}.
 *
 * @example const orders = await apiGet("/orders", { query: { since: "2026-01-01" }, signal });
 */
export function apiGet<T = unknown>(path: string, options?: ApiRequestOptions): Promise<T> {
  return shared().get<T>(path, options);
}

/** Sends JSON to the API of `[api]`; see {@link ApiClient.post}. */
export function apiPost<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
  return shared().post<T>(path, body, options);
}

/** Replaces something at the API of `[api]`; see {@link ApiClient.put}. */
export function apiPut<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
  return shared().put<T>(path, body, options);
}

/** Removes something at the API of `[api]`; see {@link ApiClient.delete}. */
export function apiDelete<T = unknown>(path: string, options?: ApiRequestOptions): Promise<T> {
  return shared().delete<T>(path, options);
}
