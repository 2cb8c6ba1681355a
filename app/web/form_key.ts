/** The key that every form of a signed-in person holds: a site that has a browser send a form does not know it. */
export const FORM_KEY_FIELD = "form_key";
/** The same for requests that are no forms. */
export const FORM_KEY_HEADER = "x-carillon-form-key";

/** Text of templates has no angle bracket of anybody else: what matches is a form of ours. */
const POST_FORM = /<form\b[^>]*\smethod="post"[^>]*>/g;

/** Puts the key into each form that changes something. @param key made of letters, digits, `-` and `_` */
export function withFormKey(page: string, key: string): string {
  return page.replace(
    POST_FORM,
    (tag) => `${tag}<input type="hidden" name="${FORM_KEY_FIELD}" value="${key}"/>`,
  );
}
