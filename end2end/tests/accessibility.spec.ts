import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expectInvalidLink, openLink } from './support/links';
import { expectUrl, visit } from './support/navigation';
import { signInByRequest, createUser, newUser, signUp } from './support/users';
import { expect, test } from './support/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [320, 1280];

// Contrast cannot be measured during a colour transition.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('sign in', async ({ page }) => {
  await visit(page, '/login');
  await expectAccessible(page);
});

test('sign in, with errors', async ({ page }) => {
  await visit(page, '/login');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Enter a password.')).toBeVisible();
  await expectAccessible(page);
});

test('sign in, after incorrect credentials', async ({ page }) => {
  await visit(page, '/login');
  await page.getByLabel('Email').fill('ada@example.org');
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Incorrect email or password.');
  await expectAccessible(page);
});

test('sign in, when the browser keeps no cookie', async ({ page }) => {
  await visit(page, '/login?next=%2F&signed-in=1');
  await expect(page.getByRole('status')).toContainText('Your browser did not keep the cookie');
  await expectAccessible(page);
});

test('a form at another address than the public URL', async ({ page, baseURL, browserErrors }) => {
  browserErrors.expect(/console error: .*status of 403/);
  await page.goto(`${baseURL!.replace('localhost', '127.0.0.1')}/login`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('That was not carried out');
  await expectAccessible(page);
});

test('register', async ({ page }) => {
  await visit(page, '/register');
  await expectAccessible(page);
});

test('register, with errors', async ({ page }) => {
  await visit(page, '/register');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Enter a password.')).toBeVisible();
  await expectAccessible(page);
});

test('sign in, after the session was ended from another device', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  const other = await openDevice();
  await signInByRequest(other, ada);
  await other.request.post('/api/end_other_sessions');
  await visit(page, '/account');
  await expect(page.getByRole('status')).toContainText('This session was ended from another device.');
  await expectAccessible(page);
});

test('home, with something to mend and without', async ({ page, openDevice, mailTo }) => {
  const ada = await signUp(page);
  await signInByRequest(await openDevice(), ada);
  await visit(page, '/');
  await expect(page.getByRole('button', { name: 'Send the link again' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'It was all me' })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('button', { name: 'It was all me' }).click();
  await expectUrl(page, '/');
  await openLink(page, (await mailTo(ada.email, 'Confirm your email address')).link);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('Nothing to do. Your account is in good order.')).toBeVisible();
  await expectAccessible(page);
});

test('account, with errors', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account');
  await page.getByRole('button', { name: 'Delete account' }).click();
  await expect(page.getByText('Type your email address exactly as it is shown above.')).toBeVisible();
  await expectAccessible(page);
});

for (const path of ['/forgot-password', '/forgot-password?sent=1']) {
  test(`forgot password: ${path}`, async ({ page }) => {
    await visit(page, path);
    await expectAccessible(page);
  });
}

test('a link to confirm the email address, signed in', async ({ page, mailTo }) => {
  const ada = await signUp(page);
  await openLink(page, (await mailTo(ada.email, 'Confirm your email address')).link);
  await expectAccessible(page);
});

test('a link to choose a new password, with errors', async ({ page, request, mailTo }) => {
  const ada = await createUser(request);
  await request.post('/api/forgot_password', { form: { email: ada.email } });
  await openLink(page, (await mailTo(ada.email, 'Choose a new password for Vestibule')).link);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.locator('[aria-invalid=true]')).toBeVisible();
  await expectAccessible(page);
});

test('a link to end the session of a sign-in', async ({ page, request, openDevice, mailTo }) => {
  const ada = await createUser(request);
  await signInByRequest(await openDevice(), ada);
  await openLink(page, (await mailTo(ada.email, 'New sign-in to Vestibule')).link);
  await expectAccessible(page);
});

test('a link that cannot be used, signed out and signed in', async ({ page }) => {
  await openLink(page, '/undo-email-change/x');
  await expectInvalidLink(page);
  await expectAccessible(page);
  await signUp(page);
  await page.reload();
  await expectInvalidLink(page);
  await expectAccessible(page);
});

test('the last mail, in development', async ({ page, request, mailTo }) => {
  const ada = await createUser(request);
  await mailTo(ada.email, 'Confirm your email address');
  await page.goto('/outbox/last');
  await expectAccessible(page);
});

test('a mail', async ({ page, request, openDevice, mailTo }) => {
  const ada = await createUser(request);
  await signInByRequest(await openDevice(), ada);
  const { html } = await mailTo(ada.email, 'New sign-in to Vestibule');
  await page.setContent(html);
  // Mail programs show it within a page of their own, which has the landmarks.
  await expectAccessible(page, RULES.filter((rules) => rules !== 'best-practice'));
});

test('home, with a long name without spaces', async ({ page }) => {
  const ada = newUser();
  await createUser(page.request, { ...ada, name: 'W'.repeat(100), email: `${'w'.repeat(50)}.${ada.email}` });
  await visit(page, '/');
  await expectAccessible(page);
});

test('several sessions, after one was ended', async ({ page, openDevice }) => {
  const ada = await signUp(page);
  for (const remember of [true, false, false]) await signInByRequest(await openDevice(), ada, { remember });
  await visit(page, '/account/sessions');
  await page.getByRole('button', { name: 'End session' }).first().click();
  await expect(page.getByRole('status')).toHaveText('The session has ended.');
  await expect(page.getByRole('button', { name: 'End session' })).toHaveCount(2);
  await expectAccessible(page);
});

test('activity, with a failed sign-in', async ({ page, request }) => {
  const { email, password } = await signUp(page);
  for (let signedIn = 0; signedIn < 20; signedIn++) {
    await request.post('/api/sign_in', { form: { email, password } });
  }
  await request.post('/api/sign_in', { form: { email, password: 'not this one' } });
  await visit(page, '/account/activity');
  await expect(page.getByRole('main')).toContainText('Sign-in refused: wrong password');
  await expect(page.getByRole('link', { name: 'Older' })).toBeVisible();
  await expectAccessible(page);
});

test('security, with errors', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account/security');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Enter your current password.')).toBeVisible();
  await expectAccessible(page);
});

test('step-up, after an incorrect password', async ({ page }) => {
  await signUp(page);
  await visit(page, '/confirm?next=%2Faccount%2Fsessions');
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('Incorrect password.')).toBeVisible();
  await expectAccessible(page);
});

test('the warning before the session ends', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account');
  await broadcastSessionState(page, { ending: { seconds: 119, extendable: true } });
  await expect(page.getByRole('dialog', { name: 'Are you still there?' })).toBeVisible();
  await expectAccessible(page);
});

test('page not found', async ({ page, browserErrors }) => {
  browserErrors.expect(/console error: .*status of 404/);
  await page.goto('/nowhere');
  await expectAccessible(page);
});

test('every control of the sign-in page is reachable by keyboard, with a visible focus', async ({ page }) => {
  await visit(page, '/login');
  for (const stop of [
    page.getByRole('link', { name: 'Vestibule' }),
    page.getByLabel('Email'),
    page.getByLabel('Password', { exact: true }),
    page.getByRole('button', { name: 'Show password' }),
    page.getByLabel('Keep me signed in'),
    page.getByRole('button', { name: 'Sign in' }),
    page.getByRole('link', { name: 'Forgot your password?' }),
    page.getByRole('link', { name: 'Create an account' }),
  ]) {
    await page.keyboard.press('Tab');
    await expect(stop).toBeFocused();
    await expectVisibleFocus(page);
  }
});

test('the skip link, the navigation and sign-out work by keyboard', async ({ page }) => {
  await signUp(page);
  await visit(page, '/account');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await expectVisibleFocus(page);

  for (const stop of [
    page.getByRole('link', { name: 'Vestibule' }),
    page.getByRole('button', { name: 'Sign out' }),
    ...['Home', 'Account', 'Security', 'Sessions', 'Activity'].map((name) =>
      page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name }),
    ),
    page.getByLabel('Name'),
    page.getByRole('button', { name: 'Change name' }),
  ]) {
    await page.keyboard.press('Tab');
    await expect(stop).toBeFocused();
    await expectVisibleFocus(page);
  }
  await skip.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await page.getByRole('link', { name: 'Sessions' }).press('Enter');
  await expect(page).toHaveURL('/account/sessions');
  await page.getByRole('button', { name: 'Sign out' }).press('Enter');
  await expect(page).toHaveURL('/login');
});

/** Sends a session event to the page as another tab would, with the state replaced. */
async function broadcastSessionState(page: Page, state: object): Promise<void> {
  await page.evaluate(async (state) => {
    const stream = new EventSource('/session/events');
    const { data } = await new Promise<MessageEvent>((resolve) => (stream.onmessage = resolve));
    stream.close();
    new BroadcastChannel('vestibule-session').postMessage(JSON.stringify({ ...JSON.parse(data), state }));
  }, state);
}

/** Audits the page in both colour schemes, at the widths of a small phone and of a desktop. */
async function expectAccessible(page: Page, rules = RULES): Promise<void> {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const variant = `${colorScheme}, ${width} px wide`;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect.soft(await violations(page, rules), variant).toEqual([]);
      const overflow = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth - clientWidth;
      });
      expect.soft(overflow, `${variant}: pixels to scroll sideways`).toBe(0);
    }
  }
}

async function violations(page: Page, rules: string[]): Promise<string[]> {
  // Preloading would add inline styles, which the content security policy blocks.
  const audit = await new AxeBuilder({ page })
    .setLegacyMode() // no frames are audited, so no second page is needed to combine results
    .options({ preload: false }) // replaces what was set before
    .withTags(rules)
    .analyze();
  return audit.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id} at ${node.target.join(' ')}: ${node.failureSummary}`),
  );
}

/** An outline, or a box shadow in its place (WCAG 2.4.7). */
async function expectVisibleFocus(page: Page): Promise<void> {
  const visible = await page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement!);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  });
  expect(visible, 'the focus is visible').toBe(true);
}
