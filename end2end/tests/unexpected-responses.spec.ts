import type { Page, Route } from '@playwright/test';

import { expectUrl, visit } from './support/navigation';
import { createUser, submitSignIn, type User } from './support/users';
import { expect, test } from './support/test';

const UNEXPECTED_RESPONSE = 'The answer could not be understood. Reload the page to see whether it worked.';
const UNAVAILABLE = 'The service is unavailable at the moment. Please try again shortly.';
const UNREACHABLE = 'The server could not be reached. Check your connection and try again.';
/** Milliseconds; as in `src/browser/post.rs`. */
const REQUEST_TIMEOUT = 40_000;
const HTML = '<!DOCTYPE html><title>Bad gateway</title><h1>Bad gateway</h1>';

interface UnexpectedResponse {
  name: string;
  response: Parameters<Route['fulfill']>[0];
  message: string;
}

const UNEXPECTED_RESPONSES: UnexpectedResponse[] = [
  { name: 'an unknown outcome', response: { json: { Postponed: { hours: 2 } } }, message: UNEXPECTED_RESPONSE },
  { name: 'a redirect to another site', response: { json: { Accepted: { next: '//evil.example' } } }, message: UNEXPECTED_RESPONSE },
  { name: 'HTML with status 200', response: { contentType: 'text/html', body: HTML }, message: UNEXPECTED_RESPONSE },
  { name: 'an empty response with status 204', response: { status: 204 }, message: UNEXPECTED_RESPONSE },
  { name: "a proxy's 502", response: { status: 502, contentType: 'text/html', body: HTML }, message: UNAVAILABLE },
  {
    name: "a proxy's 413",
    response: { status: 413, contentType: 'text/html', body: HTML },
    message: 'That is more than this site accepts. Shorten it and try again.',
  },
  {
    name: "a proxy's 429",
    response: { status: 429, contentType: 'text/html', body: HTML },
    message: 'Too many attempts. Please wait a moment, then try again.',
  },
  {
    name: 'a busy server',
    response: { status: 503, json: 'Busy' },
    message: 'Many people are signing in right now. Please try again in a few seconds.',
  },
  { name: 'an unknown error', response: { status: 503, json: 'UnknownError' }, message: UNAVAILABLE },
];

for (const { name, response, message } of UNEXPECTED_RESPONSES) {
  test(`a form can be submitted again after ${name}`, async ({ page, request, browserErrors }) => {
    const status = response?.status ?? 200;
    if (status >= 400) browserErrors.expect(new RegExp(`console error: .*status of ${status} .*/api/sign_in`));
    if (status >= 500) browserErrors.expect(new RegExp(`response: ${status} .*/api/sign_in`));
    await expectRetryWorks(page, await createUser(request), message, (route) => route.fulfill(response));
  });
}

test('a form can be submitted again after a connection reset', async ({ page, request, browserErrors }) => {
  browserErrors.expect(/request failed: net::ERR_CONNECTION_RESET .*\/api\/sign_in/);
  browserErrors.expect(/console error: .*net::ERR_CONNECTION_RESET/);
  await expectRetryWorks(page, await createUser(request), UNREACHABLE, (route) => route.abort('connectionreset'));
});

test('a form can be submitted again after a timeout', async ({ page, request }) => {
  await page.clock.install();
  await expectRetryWorks(page, await createUser(request), UNREACHABLE, async () => {
    await page.clock.fastForward(REQUEST_TIMEOUT - 1_000);
    await expect(page.getByRole('button', { name: 'Signing in…' })).toBeDisabled();
    await page.clock.fastForward(2_000);
  });
});

test('a form is posted once, even if it is submitted again while busy', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, '/login');
  let requests = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('/api/sign_in', async (route) => {
    requests++;
    await released;
    await route.continue();
  });
  await page.getByLabel('Email').fill(ada.email);
  const password = page.getByLabel('Password', { exact: true });
  await password.fill(ada.password);
  await page.getByRole('button', { name: 'Sign in' }).dblclick();
  await expect(page.getByRole('button', { name: 'Signing in…' })).toBeDisabled();
  await password.press('Enter');
  // Some password managers submit like this.
  await page.locator('form[action="/api/sign_in"]').evaluate((form: HTMLFormElement) => form.requestSubmit());
  await page.waitForTimeout(300);
  expect(requests).toBe(1);

  release();
  await expectUrl(page, '/');
});

/**
 * Expects that the form shows `message` when `respond` handles its first request, keeps what was typed, and
 * works when it is submitted again.
 */
async function expectRetryWorks(
  page: Page,
  user: User,
  message: string,
  respond: (route: Route) => Promise<void>,
): Promise<void> {
  await visit(page, '/login');
  await page.route('/api/sign_in', respond, { times: 1 });
  await submitSignIn(page, user, { remember: true });

  const alert = page.getByRole('alert');
  await expect(alert).toHaveText(message);
  await expect(alert.getByText(message)).toBeFocused();
  await expect(page.getByLabel('Email')).toHaveValue(user.email);
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue(user.password);
  await expect(page.getByLabel('Keep me signed in')).toBeChecked();
  await expectUrl(page, '/login');

  const button = page.getByRole('button', { name: 'Sign in' });
  await expect(button).toHaveAttribute('aria-busy', 'false');
  await button.click();
  await expectUrl(page, '/');
  await expect(page.getByText('Stays signed in on this device.')).toBeVisible();
}
