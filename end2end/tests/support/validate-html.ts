import { type ConfigData, HtmlValidate } from 'html-validate';

/** The recommended rules, with what differs here, and why. */
const CONFIG: ConfigData = {
  root: true,
  extends: ['html-validate:recommended'],
  elements: ['html5', { 'leptos-island': { flow: true, phrasing: true, transparent: true } }],
  rules: {
    // Leptos writes elements without content as `<input>`, as this rule wants, but in SVG as `<path></path>`.
    'void-style': 'error',
    // How the server writes its HTML is nobody's concern: it is not written by hand.
    'no-trailing-whitespace': 'off',
    'attr-quotes': 'off',
    'doctype-style': 'off',
    // Leptos writes `checked=""` for `checked`, which is the same.
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
  },
};
const PAGES = new HtmlValidate(CONFIG);
// Mail programs know inline styles best.
const MAILS = new HtmlValidate({ ...CONFIG, rules: { ...CONFIG.rules, 'no-inline-style': 'off' } });

/** What is wrong with the HTML of a page, a line each. */
export function validateHtml(html: string): string[] {
  return validate(PAGES, html);
}

/** The same for the HTML of a mail. */
export function validateMail(html: string): string[] {
  return validate(MAILS, html);
}

function validate(validator: HtmlValidate, html: string): string[] {
  const { results } = validator.validateStringSync(html);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column, selector }) => `${ruleId}: ${message} (${selector ?? `${line}:${column}`})`),
  );
}
