/** What is wrong at one line of a task file, found as it is read. */
export class PlacedError extends Error {
  /** @param line from 1 */
  constructor(message: string, readonly line: number) {
    super(message);
  }
}
