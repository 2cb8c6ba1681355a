/** Sentences that are kept as the key of a text and its values, so that every language can say them. */

/** A text as it is, a number, or a sentence within the sentence. */
export type SentenceValue = string | number | Sentence;

/** What is wrong with something that a person wrote; `app/locale` has the words. */
export interface Sentence {
  /** Such as `"mistake.no_text"`. */
  readonly key: string;
  readonly values: Readonly<Record<string, SentenceValue>>;
}

/** A value that cannot be. The message is the English text of the key. */
export class ValueError extends RangeError {
  constructor(message: string, key: string, values: Sentence["values"] = {}) {
    super(message);
    this.sentence = { key: `mistake.${key}`, values };
  }

  readonly sentence: Sentence;
}
