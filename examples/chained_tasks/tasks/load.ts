/** The third: and `alarm` in its place where something before it failed. */
import { defineTask } from "carillon";

export default defineTask({
  after: "transform",
  run: ({ cause }) => `loaded ${JSON.stringify(cause?.result)}`,
});

export const alarm = defineTask({
  after: [{ task: "extract", on: "failure" }, { task: "transform", on: "failure" }],
  run: ({ cause, log }) => log.error(`${cause?.task} ${cause?.status}: nothing was loaded`),
});
