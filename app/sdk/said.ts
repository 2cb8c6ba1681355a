/** What a task of Carillon's own kinds returns where its message and its result are two things. */

/** A run's message in one line, and its result beside it. */
export class Said {
  constructor(readonly message: string | undefined, readonly result: unknown) {}
}
