import type { Page, Route } from '@playwright/test';

import { expectUrl, visit } from './support/navigation';
import { createUser, submitSignIn } from './support/users';
import { expect, test } from './support/test';

const UNKNOWN_ANSWER = 'The answer could not be understood. Reload the page to see whether it worked.';
const UNAVAILABLE = 'The service is unavailable at the moment. Please try again shortly.';
const UNREACHABLE = 'The server could not be reached. Check your connection and try again.';
const HTML = '<!DOCTYPE html><title>Bad gateway</title><h1>Bad gateway</h1>';

interface BadAnswer {
  name: string;
  answer: Parameters<Route['fulfill']>[0];
  words: string;
}

const BAD_ANSWERS: BadAnswer[] = [
  { name: 'an outcome of a newer server', answer: { json: { Postponed: { hours: 2 } } }, words: UNKNOWN_ANSWER },
  { name: 'a way to another site', answer: { json: { Accepted: { next: '//evil.example' } } }, words: UNKNOWN_ANSWER },
  { name: 'HTML with status 200', answer: { contentType: 'text/html', body: HTML }, words: UNKNOWN_ANSWER },
  { name: 'nothing with status 204', answer: { status: 204 }, words: UNKNOWN_ANSWER },
  { name: "a proxy's 502", answer: { status: 502, contentType: 'text/html', body: HTML }, words: UNAVAILABLE },
  {
    name: "a proxy's 413",
    answer: { status: 413, contentType: 'text/html', body: HTML },
    words: 'That is more than this site accepts. Shorten it and try again.',
  },
  {
    name: "a proxy's 429",
    answer: { status: 429, contentType: 'text/html', body: HTML },
    words: 'Too many attempts. Please wait a moment, then try again.',
  },
  {
    name: 'a busy server',
    answer: { status: 503, json: 'Busy' },
    words: 'Many people are signing in right now. Please try again in a few seconds.',
  },
  { name: 'an error of a newer server', answer: { status: 503, json: 'Overslept' }, words: UNAVAILABLE },
];

for (const { name, answer, words } of BAD_ANSWERS) {
  test(`a form survives ${name}`, async ({ page, request, browserErrors }) => {
    const status = answer?.status ?? 200;
    if (status >= 400) browserErrors.expect(new RegExp(`console error: .*status of ${status} .*/api/sign_in`));
    if (status >= 500) browserErrors.expect(new RegExp(`response: ${status} .*/api/sign_in`));
    await expectRetry(page, await createUser(request), words, (route) => route.fulfill(answer));
  });
}

test('a form survives a connection that breaks', async ({ page, request, browserErrors }) => {
  browserErrors.expect(/request failed: net::ERR_CONNECTION_RESET .*\/api\/sign_in/);
  browserErrors.expect(/console error: .*net::ERR_CONNECTION_RESET/);
  await expectRetry(page, await createUser(request), UNREACHABLE, (route) => route.abort('connectionreset'));
});

test('a form survives an answer that never comes', async ({ page, request }) => {
  await page.clock.install();
  await expectRetry(page, await createUser(request), UNREACHABLE, async () => {
    await page.clock.fastForward(39_000);
    await expect(page.getByRole('button', { name: 'Signing in…' })).toBeDisabled();
    await page.clock.fastForward(2_000);
  });
});

test('a form is posted once, however often it is submitted meanwhile', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, '/login');
  let posted = 0;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await page.route('/api/sign_in', async (route) => {
    posted++;
    await answered;
    await route.continue();
  });
  await page.getByLabel('Email').fill(ada.email);
  const password = page.getByLabel('Password', { exact: true });
  await password.fill(ada.password);
  await page.getByRole('button', { name: 'Sign in' }).dblclick();
  await expect(page.getByRole('button', { name: 'Signing in…' })).toBeDisabled();
  await password.press('Enter');
  // As some password managers do.
  await page.locator('form[action="/api/sign_in"]').evaluate((form: HTMLFormElement) => form.requestSubmit());
  await page.waitForTimeout(300);
  expect(posted).toBe(1);

  answer();
  await expectUrl(page, '/');
});

/**
 * The form shows `words` when its first post is answered by `answer`, keeps what was typed, and works
 * when it is tried again.
 */
async function expectRetry(
  page: Page,
  person: Awaited<ReturnType<typeof createUser>>,
  words: string,
  answer: (route: Route) => Promise<void>,
): Promise<void> {
  await visit(page, '/login');
  await page.route('/api/sign_in', answer, { times: 1 });
  await submitSignIn(page, person, { remember: true });

  const alert = page.getByRole('alert');
  await expect(alert).toHaveText(words);
  await expect(alert.getByText(words)).toBeFocused();
  await expect(page.getByLabel('Email')).toHaveValue(person.email);
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue(person.password);
  await expect(page.getByLabel('Keep me signed in')).toBeChecked();
  await expectUrl(page, '/login');

  const button = page.getByRole('button', { name: 'Sign in' });
  await expect(button).toHaveAttribute('aria-busy', 'false');
  await button.click();
  await expectUrl(page, '/');
  await expect(page.getByText('Stays signed in on this device.')).toBeVisible();
}
