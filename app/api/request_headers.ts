/** Header fields that routes of the API read, beside those that every request may have. */
import { z } from "zod";

/** Longest key by which a request that is sent again is known. */
const MAX_KEY_LENGTH = 200;

/** With their schemas; `Accept` is told by the media types of an answer. */
export const REQUEST_HEADERS = {
  "Idempotency-Key": z.string().min(1).max(MAX_KEY_LENGTH).meta({ textKey: "api.header.idempotency_key" }),
  "Last-Event-ID": z.string().meta({ textKey: "api.header.last_event_id" }),
  "If-None-Match": z.string().meta({ textKey: "api.header.if_none_match" }),
} as const;

export type RequestHeader = "Idempotency-Key" | "Last-Event-ID" | "Accept";
