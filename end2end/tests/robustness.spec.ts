import type { Locator, Page } from '@playwright/test';

import { visit } from './support/navigation';
import type { BrowserErrors } from './support/browser-errors';
import { createUser, newUser, type User, signUp, submitRegistration, submitSignIn } from './support/users';
import { rewriteTexts, rewritePages } from './support/rewrite-html';
import { expect, test } from './support/test';

/** Console errors of a failed hydration, and of effects that then run on an unexpected element. */
const HYDRATION_FAILURE = /panicked|hydration error|uncaught: .*(unreachable|is not a function)/;

interface Change {
  name: string;
  /** Applied before hydration. */
  html: (html: string) => string;
  /** Islands whose own content is changed, so hydration may fail. */
  fails?: RegExp;
}

const CHANGES: Change[] = [
  {
    name: 'an element of an extension at the start of the body',
    html: (html) => html.replace('<body>', '<body><div id="extension-root"><p>Coupons!</p></div>'),
  },
  {
    name: 'a page translator before hydration',
    html: (html) => rewriteTexts(html, (text) => `<font dir="auto"><font dir="auto">${text}</font></font>`),
    fails: /SessionCard/,
  },
  {
    name: 'a CDN that obfuscates email addresses',
    html: (html) =>
      rewriteTexts(html, (text) =>
        text.replace(
          /[\w.]+@example\.org/,
          '<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="5a">[email&#160;protected]</a>',
        ),
      ),
  },
  {
    name: 'a proxy that removes comments and the space between elements',
    html: (html) => html.replaceAll(/<!--.*?-->/gs, '').replaceAll(/>\s+</g, '><'),
  },
  {
    name: 'an extension that puts each input into an element of its own',
    html: (html) => html.replaceAll(/<input [^>]*>/g, '<div data-extension="input">$&</div>'),
  },
  {
    name: 'elements of an extension next to the inputs and in the forms',
    html: (html) =>
      html
        .replaceAll(/<input [^>]*>/g, '$&<div data-extension="icon"></div>')
        .replaceAll(/<form [^>]*>/g, '$&<span data-extension="form"></span>')
        .replaceAll('</form>', '<span data-extension="form"></span></form>'),
  },
];

for (const { name, html, fails } of CHANGES) {
  test(`everything works despite ${name}`, async ({ page, request, browserErrors }) => {
    if (fails) {
      browserErrors.allow(new RegExp(`console error: ${fails.source}_\\d+ was not hydrated`));
      browserErrors.allow(HYDRATION_FAILURE);
    }
    await rewritePages(page, html);
    await useEverything(page, await createUser(request), () => waitForHydration(page, fails));
  });
}

test('everything works despite a page translator after hydration', async ({ page, request }) => {
  await useEverything(page, await createUser(request), async () => {
    await waitForHydration(page);
    await translate(page);
  });
});

test('everything works despite elements of an extension after hydration', async ({ page, request }) => {
  await useEverything(page, await createUser(request), async () => {
    await waitForHydration(page);
    await page.evaluate(() => {
      document.body.prepend(document.createElement('div'));
      for (const input of document.querySelectorAll('input')) input.after(document.createElement('div'));
      for (const form of document.forms) form.append(document.createElement('span'));
    });
  });
});

test('a translated password strength is replaced by the next', async ({ page }) => {
  await visit(page, '/register');
  const password = page.getByLabel('Password', { exact: true });
  const strength = page.getByRole('status');
  await password.fill('password1');
  await expect(strength).toHaveText('Very easy to guess');
  await translate(page);
  await password.fill('correct horse battery staple');
  await expect(strength).toHaveText('Strong');
});

test('translated times are still updated', async ({ page }) => {
  await page.clock.install();
  await signUp(page);
  await visit(page, '/');
  await translate(page);
  await page.clock.fastForward(10 * 60_000);
  const started = page.getByRole('region', { name: 'This session' }).getByRole('time').first();
  await expect(started).toHaveText('10 minutes ago');
});

/** Ways to make the hydration of an island fail. */
const BREAKAGES = {
  'unexpected HTML': (island: string) => (html: string) =>
    html.replace(island === 'SessionCard' ? /<time .*?<\/time>/ : /<meter .*?<\/meter>/, '?'),
  'an unknown name': (island: string) => (html: string) =>
    html.replaceAll(new RegExp(`${island}_\\d+`, 'g'), `${island}_1`),
};

for (const [island, breakage] of [
  ['StrengthMeter', 'unexpected HTML'],
  ['StrengthMeter', 'an unknown name'],
  ['RevealButton', 'an unknown name'],
  ['SessionEventListener', 'an unknown name'],
  ['EnhancedForm', 'an unknown name'],
] as const) {
  test(`${island} with ${breakage} fails without affecting other islands`, async ({ page, browserErrors }) => {
    expectHydrationFailure(browserErrors, island);
    const ada = newUser();
    await rewritePages(page, BREAKAGES[breakage](island));
    await page.goto('/register');
    await waitForHydration(page, new RegExp(island));
    await expect(islands(page, island, ':not([data-hydrated])')).not.toHaveCount(0);
    await expectNoUnhydratedControls(page);
    if (island !== 'RevealButton') await useRevealButton(page);

    await submitRegistration(page, { ...ada, password: 'seven77' });
    const password = page.getByLabel('Password', { exact: true });
    await expect(password).toHaveAccessibleDescription(/^Use at least 8 characters\./);
    await submitRegistration(page, ada);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  });
}

for (const [breakage, rewrite] of Object.entries(BREAKAGES)) {
  test(`SessionCard with ${breakage} fails without affecting other islands`, async ({ page, openDevice, browserErrors }) => {
    expectHydrationFailure(browserErrors, 'SessionCard');
    const ada = await signUp(page);
    const other = await openDevice();
    await rewritePages(page, rewrite('SessionCard'));
    await page.goto('/');
    await waitForHydration(page, /SessionCard/);
    await expect(islands(page, 'SessionEventListener', '[data-hydrated]')).toHaveCount(1);
    await expect(islands(page, 'SessionCard', '[data-hydrated]')).toHaveCount(0);

    // Session events still work.
    await other.request.post('/api/sign_in', { form: { email: ada.email, password: ada.password } });
    await other.request.post('/api/end_other_sessions');
    await expect(page).toHaveURL('/login?next=%2F');
  });
}

const FILES = { 'start.js': '**/start.js*', 'the JavaScript': '**/pkg/*.js', 'the WebAssembly': '**/pkg/*.wasm' };
for (const [file, pattern] of Object.entries(FILES)) {
  for (const failure of [404, 500, 'aborted'] as const) {
    test(`everything works as without JavaScript when ${file} fails to load (${failure})`, async ({ page, request, browserErrors }) => {
      browserErrors.expect(/vestibule\.(js|wasm)|start\.js/);
      // Follow-up errors of Chromium and the bindings.
      browserErrors.allow(/dynamically imported module|Failed to fetch|WebAssembly|preload/i);
      const ada = await createUser(request);
      await page.route(pattern, (route) =>
        failure === 'aborted' ? route.abort() : route.fulfill({ status: failure, body: 'failure' }),
      );
      let loads = 0;
      page.on('domcontentloaded', () => (loads += 1));
      await page.goto('/login');
      // It may be a file of another release: the page is loaded once more, and not for ever.
      const expected = file === 'start.js' ? 1 : 2;
      await expect.poll(() => loads).toBe(expected);
      await page.goto('/login');
      await page.waitForLoadState('networkidle');
      expect(loads).toBe(expected + 1);
      await expectNoUnhydratedControls(page);
      await expect(page.getByRole('button', { name: 'Show password' })).toBeHidden();
      await submitSignIn(page, { ...ada, password: 'not this one' });
      await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
      await expect(page.getByLabel('Email')).toHaveValue(ada.email);
      await submitSignIn(page, ada);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
      await rename(page, 'Grace');
      await expect(page.getByRole('banner')).toContainText('Grace');
      await expect(page.locator('leptos-island[data-hydrated]')).toHaveCount(0);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await expect(page).toHaveURL('/login');
    });
  }
}

/**
 * Goes through sign-in, home and account, and uses everything that works with JavaScript. `afterLoad` is
 * called on every page.
 */
async function useEverything(page: Page, ada: User, afterLoad: () => Promise<void>): Promise<void> {
  await page.goto('/register');
  await afterLoad();
  await page.locator('.aside a').click();
  await expect(page).toHaveURL('/login');
  await afterLoad();
  await expectNoUnhydratedControls(page);
  await useRevealButton(page);
  for (const password of ['not this one', 'nor this one']) {
    await submitSignIn(page, { ...ada, password });
    await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
  }
  await expectBusy(page, '/api/sign_in', 'Signing in…', () => submitSignIn(page, ada));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  await afterLoad();
  await expectNoUnhydratedControls(page);
  await expect(page.getByRole('region', { name: 'This session' }).getByRole('time').first()).toHaveText('just now');

  await page.locator('.places a[href="/account"]').click();
  await expect(page).toHaveURL('/account');
  await afterLoad();
  const name = page.getByLabel('Name');
  await name.fill('');
  await page.getByRole('button', { name: 'Change name' }).click();
  await expect(name).toHaveAccessibleDescription('Enter your name.');
  await name.fill('Grace');
  await page.getByRole('button', { name: 'Change name' }).click();
  await expect(page.getByRole('status')).toHaveText('Your name has been changed.');
  await expect(page).toHaveURL('/account');
  await afterLoad();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/login');
}

/** Waits until every island is hydrated, except those that may fail. */
async function waitForHydration(page: Page, fails = /^$/): Promise<void> {
  await expect(async () => {
    const pending = await page
      .locator('leptos-island')
      .evaluateAll((islands: HTMLElement[]) =>
        islands.map(({ dataset }) => (dataset.hydrated === undefined ? dataset.component! : '')),
      );
    expect(pending.length).toBeGreaterThan(0);
    expect(pending.filter((island) => island && !fails.test(island))).toEqual([]);
  }).toPass({ timeout: 10_000, intervals: [50] });
}

/** Replaces each text node by two nested elements, as page translators do. */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts.filter((text) => text.data.trim())) {
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.textContent = text.data;
      outer.append(inner);
      text.replaceWith(outer);
    }
  });
}

/** Expects that controls which need JavaScript are visible only if their island is hydrated. */
async function expectNoUnhydratedControls(page: Page): Promise<void> {
  for (const control of await page.locator('.needs-script').all()) {
    const hydrated = await control.evaluate((element) => element.closest('leptos-island')?.matches('[data-hydrated]'));
    await expect(control).toBeVisible({ visible: hydrated });
  }
}

async function useRevealButton(page: Page): Promise<void> {
  const password = page.getByLabel('Password', { exact: true });
  const show = page.getByRole('button', { name: 'Show password' });
  await show.click();
  await expect(password).toHaveAttribute('type', 'text');
  await show.click();
  await expect(password).toHaveAttribute('type', 'password');
}

/** Expects that the button is disabled while the form is being submitted. */
async function expectBusy(page: Page, path: string, busy: string, submit: () => Promise<void>): Promise<void> {
  await page.route(path, async (route) => {
    await expect(page.getByRole('button', { name: busy })).toBeDisabled();
    await route.continue();
  });
  const response = page.waitForResponse(path);
  await submit();
  await response;
}

async function rename(page: Page, name: string): Promise<void> {
  await page.goto('/account');
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Change name' }).click();
}

function islands(page: Page, name: string, which: string): Locator {
  return page.locator(`leptos-island[data-component^="${name}_"]${which}`);
}

function expectHydrationFailure(browserErrors: BrowserErrors, island: string): void {
  browserErrors.expect(new RegExp(`console error: ${island}_\\d+ was not hydrated`));
  browserErrors.allow(HYDRATION_FAILURE);
}
