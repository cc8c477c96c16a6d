import type { Locator, Page } from '@playwright/test';

import { visit } from './support/navigation';
import type { BrowserErrors } from './support/browser-errors';
import { createUser, newUser, type User, signUp, submitRegistration, submitSignIn } from './support/users';
import { rewriteTexts, rewritePages } from './support/rewrite-html';
import { expect, test } from './support/test';

/** What a hydration that failed says of itself, and its effects of an element that is not what it seems. */
const HYDRATION_FAILURE = /panicked|hydration error|uncaught: .*(unreachable|is not a function)/;

interface Change {
  name: string;
  /** Applied before hydration. */
  html: (html: string) => string;
  /** Islands whose own content it changes, so that they may fail. */
  fails?: RegExp;
}

const CHANGES: Change[] = [
  {
    name: "an extension's element first in the body",
    html: (html) => html.replace('<body>', '<body><div id="extension-root"><p>Coupons!</p></div>'),
  },
  {
    name: 'a translator before hydration',
    html: (html) => rewriteTexts(html, (text) => `<font dir="auto"><font dir="auto">${text}</font></font>`),
    fails: /SessionCard/,
  },
  {
    name: 'a CDN that hides email addresses',
    html: (html) =>
      rewriteTexts(html, (text) =>
        text.replace(
          /[\w.]+@example\.org/,
          '<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="5a">[email&#160;protected]</a>',
        ),
      ),
  },
  {
    name: "an extension's elements beside the inputs and in the forms",
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
    await useEverything(page, await createUser(request), () => settle(page, fails));
  });
}

test('everything works despite a translator after hydration', async ({ page, request }) => {
  await useEverything(page, await createUser(request), async () => {
    await settle(page);
    await translate(page);
  });
});

test("everything works despite an extension's elements after hydration", async ({ page, request }) => {
  await useEverything(page, await createUser(request), async () => {
    await settle(page);
    await page.evaluate(() => {
      document.body.prepend(document.createElement('div'));
      for (const input of document.querySelectorAll('input')) input.after(document.createElement('div'));
      for (const form of document.forms) form.append(document.createElement('span'));
    });
  });
});

test('a rating that was translated gives way to the next', async ({ page }) => {
  await visit(page, '/register');
  const password = page.getByLabel('Password', { exact: true });
  const rating = page.getByRole('status');
  await password.fill('password1');
  await expect(rating).toHaveText('Very easy to guess');
  await translate(page);
  await password.fill('correct horse battery staple');
  await expect(rating).toHaveText('Strong');
});

test('times that were translated stay true', async ({ page }) => {
  await page.clock.install();
  await signUp(page);
  await visit(page, '/');
  await translate(page);
  await page.clock.fastForward(10 * 60_000);
  const started = page.getByRole('region', { name: 'This session' }).getByRole('time').first();
  await expect(started).toHaveText('10 minutes ago');
});

/** Puts text where the hydration of an island expects one of its own elements. */
const broken = (island: string) => (html: string) =>
  html.replace(island === 'SessionCard' ? /<time .*?<\/time>/ : /<meter .*?<\/meter>/, '?');
/** Gives an island the name of a component that this build does not have. */
const unknown = (island: string) => (html: string) => html.replaceAll(new RegExp(`${island}_\\d+`, 'g'), `${island}_1`);

for (const [island, rewrite] of [
  ['StrengthMeter', broken],
  ['StrengthMeter', unknown],
  ['RevealButton', unknown],
  ['SessionEventListener', unknown],
  ['EnhancedForm', unknown],
] as const) {
  test(`${island}, ${rewrite.name}, fails alone`, async ({ page, browserErrors }) => {
    expectFailure(browserErrors, island);
    const ada = newUser();
    await rewritePages(page, rewrite(island));
    await page.goto('/register');
    await settle(page, new RegExp(island));
    await expect(islands(page, island, ':not([data-hydrated])')).not.toHaveCount(0);
    await expectNoDeadControl(page);
    if (island !== 'RevealButton') await useEyeButton(page);

    await submitRegistration(page, { ...ada, password: 'seven77' });
    const password = page.getByLabel('Password', { exact: true });
    await expect(password).toHaveAccessibleDescription(/^Use at least 8 characters\./);
    await submitRegistration(page, ada);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  });
}

for (const rewrite of [broken, unknown]) {
  test(`SessionCard, ${rewrite.name}, fails alone`, async ({ page, openDevice, browserErrors }) => {
    expectFailure(browserErrors, 'SessionCard');
    const ada = await signUp(page);
    const other = await openDevice();
    await rewritePages(page, rewrite('SessionCard'));
    await page.goto('/');
    await settle(page, /SessionCard/);
    await expect(islands(page, 'SessionEventListener', '[data-hydrated]')).toHaveCount(1);
    await expect(islands(page, 'SessionCard', '[data-hydrated]')).toHaveCount(0);

    // The session watch is at work.
    await other.request.post('/api/sign_in', { form: { email: ada.email, password: ada.password } });
    await other.request.post('/api/end_other_sessions');
    await expect(page).toHaveURL('/login?next=%2F');
  });
}

const FILES = { 'start.js': '**/start.js*', 'the JavaScript': '**/pkg/*.js', 'the WebAssembly': '**/pkg/*.wasm' };
for (const [file, pattern] of Object.entries(FILES)) {
  for (const failure of [404, 500, 'aborted'] as const) {
    test(`everything works as without JavaScript when ${file} is ${failure}`, async ({ page, request, browserErrors }) => {
      browserErrors.expect(/vestibule\.(js|wasm)|start\.js/);
      // What Chromium and the bindings say of a file that they did not get.
      browserErrors.allow(/dynamically imported module|Failed to fetch|WebAssembly|preload/i);
      const ada = await createUser(request);
      await page.route(pattern, (route) =>
        failure === 'aborted' ? route.abort() : route.fulfill({ status: failure, body: 'failure' }),
      );
      await page.goto('/login');
      await expectNoDeadControl(page);
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
 * Goes through sign-in, home and account, and uses all that works with a script. `settled` is called
 * on every page, once it is there.
 */
async function useEverything(page: Page, ada: User, settled: () => Promise<void>): Promise<void> {
  await page.goto('/register');
  await settled();
  await page.locator('.aside a').click();
  await expect(page).toHaveURL('/login');
  await settled();
  await expectNoDeadControl(page);
  await useEyeButton(page);
  for (const password of ['not this one', 'nor this one']) {
    await submitSignIn(page, { ...ada, password });
    await expect(page.getByRole('alert')).toHaveText('Incorrect email or password.');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
  }
  await expectBusy(page, '/api/sign_in', 'Signing in…', () => submitSignIn(page, ada));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  await settled();
  await expectNoDeadControl(page);
  await expect(page.getByRole('region', { name: 'This session' }).getByRole('time').first()).toHaveText('just now');

  await page.locator('.places a[href="/account"]').click();
  await expect(page).toHaveURL('/account');
  await settled();
  const name = page.getByLabel('Name');
  await name.fill('');
  await page.getByRole('button', { name: 'Change name' }).click();
  await expect(name).toHaveAccessibleDescription('Enter your name.');
  await name.fill('Grace');
  await page.getByRole('button', { name: 'Change name' }).click();
  await expect(page.getByRole('status')).toHaveText('Your name has been changed.');
  await expect(page).toHaveURL('/account');
  await settled();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/login');
}

/** Waits until each island is hydrated, but for those that may fail. */
async function settle(page: Page, fails = /^$/): Promise<void> {
  await expect(async () => {
    const waiting = await page
      .locator('leptos-island')
      .evaluateAll((islands: HTMLElement[]) =>
        islands.map(({ dataset }) => (dataset.hydrated === undefined ? dataset.component! : '')),
      );
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting.filter((island) => island && !fails.test(island))).toEqual([]);
  }).toPass({ timeout: 10_000, intervals: [50] });
}

/** What a translator does: each text is replaced by its translation in two elements. */
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

/** A control that needs a script is seen only where its island is hydrated. */
async function expectNoDeadControl(page: Page): Promise<void> {
  for (const control of await page.locator('.needs-script').all()) {
    const alive = await control.evaluate((element) => element.closest('leptos-island')?.matches('[data-hydrated]'));
    await expect(control).toBeVisible({ visible: alive });
  }
}

async function useEyeButton(page: Page): Promise<void> {
  const password = page.getByLabel('Password', { exact: true });
  const show = page.getByRole('button', { name: 'Show password' });
  await show.click();
  await expect(password).toHaveAttribute('type', 'text');
  await show.click();
  await expect(password).toHaveAttribute('type', 'password');
}

/** The button is busy while the form's post, made by `submit`, is on its way. */
async function expectBusy(page: Page, path: string, busy: string, submit: () => Promise<void>): Promise<void> {
  await page.route(path, async (route) => {
    await expect(page.getByRole('button', { name: busy })).toBeDisabled();
    await route.continue();
  });
  const answered = page.waitForResponse(path);
  await submit();
  await answered;
}

async function rename(page: Page, name: string): Promise<void> {
  await page.goto('/account');
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Change name' }).click();
}

function islands(page: Page, name: string, which: string): Locator {
  return page.locator(`leptos-island[data-component^="${name}_"]${which}`);
}

function expectFailure(browserErrors: BrowserErrors, island: string): void {
  browserErrors.expect(new RegExp(`console error: ${island}_\\d+ was not hydrated`));
  browserErrors.allow(HYDRATION_FAILURE);
}
