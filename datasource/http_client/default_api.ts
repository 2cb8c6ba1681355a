/** The API client that all tasks share: its settings are `[api]` of carillon.ini. */
import { currentDatasource } from "../environment.ts";
import type { ApiRequestOptions } from "./api_client.ts";

/**
 * Asks the API of `[api]` in carillon.ini; see {@link ApiClient.get}.
 *
 * @example const orders = await apiGet("/orders", { query: { since: "2026-01-01" }, signal });
 */
export function apiGet<T = unknown>(path: string, options?: ApiRequestOptions): Promise<T> {
  return currentDatasource().api.get<T>(path, options);
}

/** Sends a body to the API of `[api]`; see {@link ApiClient.post}. */
export function apiPost<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
  return currentDatasource().api.post<T>(path, body, options);
}

/** Replaces something at the API of `[api]`; see {@link ApiClient.put}. */
export function apiPut<T = unknown>(path: string, body?: unknown, options?: ApiRequestOptions): Promise<T> {
  return currentDatasource().api.put<T>(path, body, options);
}

/** Removes something at the API of `[api]`; see {@link ApiClient.delete}. */
export function apiDelete<T = unknown>(path: string, options?: ApiRequestOptions): Promise<T> {
  return currentDatasource().api.delete<T>(path, options);
}
