/** The API for people who read: what can be asked, what is answered, and a form to try it. */
import { text } from "../../app/locale/locale.ts";
import type { Locale } from "../../app/model/locale.ts";

export interface FieldView {
  readonly name: string;
  readonly place: "path" | "query" | "header" | "body";
  readonly required: boolean;
  /** What it may be, in TypeScript's notation. */
  readonly type: string;
  readonly about: string;
}

export interface RouteView {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  /** The right that it takes, where there is a sign-in. */
  readonly right: string;
  readonly fields: readonly FieldView[];
  readonly hasBody: boolean;
  readonly answers: readonly { readonly status: string; readonly type: string; readonly about: string }[];
  /** A command line that asks it. */
  readonly example: string;
}

export interface ApiView {
  readonly locale: Locale;
  readonly about: string;
  /** Where the paths begin. */
  readonly root: string;
  /** Address of the document. */
  readonly document: string;
  readonly groups: readonly {
    readonly name: string;
    readonly title: string;
    readonly routes: readonly RouteView[];
  }[];
  readonly shapes: readonly { readonly name: string; readonly type: string }[];
  readonly problems: readonly { readonly anchor: string; readonly key: string; readonly sentence: string }[];
}

export function ApiPage({ locale, about, root, document, groups, shapes, problems }: ApiView) {
  return (
    <div class="api">
      <h1>{text(locale, "page.api")}</h1>
      <p>{about}</p>
      <p class="facts under">
        <span>
          {text(locale, "api.page.root")} <code>{root}</code>
        </span>
        <a href={document}>OpenAPI 3.1</a>
        <span>
          <code>carillon api types</code>
        </span>
      </p>
      <nav class="chips" aria-label={text(locale, "api.page.chapters")}>
        {groups.map(({ name, title }) => <a class="chip" href={`#${name}`}>{title}</a>)}
        <a class="chip" href="#shapes">{text(locale, "api.page.shapes")}</a>
        <a class="chip" href="#problems">{text(locale, "api.page.problems")}</a>
      </nav>
      {groups.map(({ name, title, routes }) => (
        <section aria-labelledby={name}>
          <h2 id={name}>{title}</h2>
          <div class="sheet">
            {routes.map((route) => <Route locale={locale} root={root} route={route} />)}
          </div>
        </section>
      ))}
      <section aria-labelledby="shapes">
        <h2 id="shapes">{text(locale, "api.page.shapes")}</h2>
        <div class="sheet">
          {shapes.map(({ name, type }) => (
            <details id={`shape-${name}`}>
              <summary>
                <code>{name}</code>
              </summary>
              <pre tabindex={0} aria-label={name}>{type}</pre>
            </details>
          ))}
        </div>
      </section>
      <section aria-labelledby="problems">
        <h2 id="problems">{text(locale, "api.page.problems")}</h2>
        <p class="quiet">{text(locale, "api.page.problems_about")}</p>
        <dl class="pairs">
          {problems.map(({ anchor, key, sentence }) => (
            <>
              <dt id={anchor}>
                <code>{key}</code>
              </dt>
              <dd>{sentence}</dd>
            </>
          ))}
        </dl>
      </section>
    </div>
  );
}

function Route({ locale, root, route }: { locale: Locale; root: string; route: RouteView }) {
  const { name, method, path, summary, right, fields, answers, example } = route;
  return (
    <details id={name}>
      <summary>
        <b class={method === "GET" ? "ask" : "act-on"}>{method}</b> <code>{path}</code>{" "}
        <span class="quiet">{summary}</span>
      </summary>
      {fields.length === 0 ? null : (
        <table>
          <caption>{text(locale, "api.page.takes")}</caption>
          <tbody>
            {fields.map(({ name: field, place, required, type, about }) => (
              <tr>
                <th scope="row">
                  <code>{field}</code>
                </th>
                <td class="quiet">
                  {text(locale, `api.page.in_${place}`)}
                  {required ? ` · ${text(locale, "api.page.required")}` : ""}
                </td>
                <td>
                  <Type type={type} /> {about}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <table>
        <caption>{text(locale, "api.page.answers")}</caption>
        <tbody>
          {answers.map(({ status, type, about }) => (
            <tr>
              <th scope="row">{status === "default" ? text(locale, "api.page.otherwise") : status}</th>
              <td>
                <Type type={type} />
              </td>
              <td>{about}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">{text(locale, "api.page.right", { right })}</p>
      <pre tabindex={0} aria-label={text(locale, "api.page.example")}>{example}</pre>
      <TryIt locale={locale} root={root} route={route} />
    </details>
  );
}

/** A type; one that has a shape of its own leads there. */
function Type({ type }: { type: string }) {
  if (type === "") return null;
  const isNamed = /^[A-Z]\w+$/.test(type);
  return isNamed
    ? (
      <a href={`#shape-${type}`}>
        <code>{type}</code>
      </a>
    )
    : <code>{type}</code>;
}

/** Shown by the page's script, which sends it. */
function TryIt({ locale, root, route }: { locale: Locale; root: string; route: RouteView }) {
  const { name, method, path, fields, hasBody } = route;
  const id = (field: FieldView) => `${name}-${field.place}-${field.name}`;
  return (
    <form
      class="try"
      method={method === "GET" ? "get" : "post"}
      action={`${root}${path}`}
      data-method={method}
      aria-label={text(locale, "api.page.try_of", { name })}
      hidden
      data-script-only
    >
      {fields.filter(({ place }) => place !== "body").map((field) => (
        <div class="field">
          <label for={id(field)}>{field.name}</label>
          <input
            class="input"
            id={id(field)}
            name={`${field.place}.${field.name}`}
            required={field.required}
            autocomplete="off"
          />
        </div>
      ))}
      {hasBody
        ? (
          <div class="field">
            <label for={`${name}-body`}>{text(locale, "api.page.body")}</label>
            <textarea class="input" id={`${name}-body`} name="body" rows={4} spellcheck={false}></textarea>
          </div>
        )
        : null}
      <div class="btns">
        <button type="submit" class={method === "GET" ? "btn s" : "btn s danger"}>
          {text(locale, method === "GET" ? "api.page.try" : "api.page.try_act")}
        </button>
        <button type="button" class="btn s plain" data-stop hidden>{text(locale, "api.page.stop")}</button>
        <span class="quiet" role="status" data-lost={text(locale, "page.lost")}></span>
      </div>
      <pre class="answer" tabindex={0} aria-label={text(locale, "api.page.answer")} hidden></pre>
    </form>
  );
}
