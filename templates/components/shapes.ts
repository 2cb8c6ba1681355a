/**
 * The shapes of signs and icons. They stand where they are shown: a browser keeps a tree of its own for each shape that is
 * used from elsewhere, which in a list of tasks costs it a tenth of its time.
 */
import signs from "../../static/signs.svg" with { type: "text" };

export interface Shape {
  readonly viewBox: string;
  readonly markup: string;
}

const SYMBOL = /<symbol id="([^"]+)" viewBox="([^"]+)">(.*?)<\/symbol>/gs;

const SHAPES: ReadonlyMap<string, Shape> = new Map(
  signs.matchAll(SYMBOL).map(([, name = "", viewBox = "", markup = ""]) => [
    name,
    {
      viewBox,
      markup: markup.trim().replaceAll(/\s+/g, " ").replaceAll("> <", "><").replaceAll(" />", "/>"),
    },
  ]),
);

/** @throws Error for a name that `static/signs.svg` does not have */
export function shapeOf(name: string): Shape {
  const shape = SHAPES.get(name);
  if (!shape) throw new Error(`there is no sign "${name}" in static/signs.svg`);
  return shape;
}
