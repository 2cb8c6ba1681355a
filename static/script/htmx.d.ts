/** What the pages use of htmx, which is loaded before them. */
declare const htmx: {
  trigger(element: Element, event: string): void;
  process(element: Element): void;
};

/** A request, from the click until its answer stands in the page. */
interface HtmxRequest {
  readonly sourceElement: Element;
  /** Where the answer goes: a selector once the answer itself has said so. */
  readonly target?: Element | string;
  readonly request: { readonly body: FormData };
  readonly response?: { readonly status: number };
}

/** One part of an answer, and the element that it goes into. */
interface HtmxTask {
  readonly target?: Element | null;
  readonly fragment: DocumentFragment;
}

interface HtmxDetail {
  readonly ctx: HtmxRequest;
  readonly tasks: HtmxTask[];
}
