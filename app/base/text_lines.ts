/** Cuts a stream of text into lines. */

/** Longer lines are cut: a process that never ends its line must not fill the memory. */
const MAX_LINE_LENGTH = 1_000_000;

export class TextLineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line.replace(/\r$/, ""));
        if (rest.length > MAX_LINE_LENGTH) {
          controller.enqueue(rest);
          rest = "";
        }
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
