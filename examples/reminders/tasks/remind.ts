/** Is started by the plans of `new_order` only. */
import { defineTask, z } from "carillon";

export default defineTask({
  title: "Remind",
  params: z.object({ order: z.int() }),
  run: ({ params: { order } }) => `order ${order} is not paid yet`,
});
