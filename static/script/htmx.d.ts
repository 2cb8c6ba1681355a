/** What the pages use of htmx, which is loaded before them. */
declare const htmx: {
  trigger(element: Element, event: string): void;
  process(element: Element): void;
};
