/** What the pages use of htmx, which is loaded before them. */
declare const htmx: {
  trigger(element: Element, event: string): void;
  process(element: Element): void;
};

/** A request, from the click until its answer stands in the page. */
interface HtmxRequest {
  readonly sourceElement: HTMLElement;
  /** Where the answer goes: a selector once the answer itself has said so. */
  readonly target?: Element | string;
  readonly swap?: string;
  /** Of the page, once the answer is there. */
  title?: string;
  /** With the address as it was asked for. */
  readonly request: { readonly action: string; readonly body: FormData };
  readonly response?: { readonly status: number; readonly headers: Headers };
  /** What the answer wants to be done. */
  readonly hx?: { redirect?: string };
}

/** One part of an answer, and the element that it goes into. */
interface HtmxTask {
  readonly target?: Element | null;
  readonly swapSpec: { readonly style: string };
  readonly fragment: DocumentFragment;
}

interface HtmxDetail {
  readonly ctx: HtmxRequest;
  readonly tasks: HtmxTask[];
}
