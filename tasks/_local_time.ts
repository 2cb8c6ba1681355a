/** Local times as the example tables hold them: `2026-01-31 08:00:00`. */

export function localText(instant: Temporal.Instant): string {
  const local = instant.toZonedDateTimeISO(Temporal.Now.timeZoneId()).toPlainDateTime();
  return local.toString({ smallestUnit: "second" }).replace("T", " ");
}
