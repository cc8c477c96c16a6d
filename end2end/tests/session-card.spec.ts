import type { Locator, Page } from '@playwright/test';

import { blockSessionEvents, visit } from './support/navigation';
import { signUp } from './support/users';
import { shortLived } from './support/short-lived';
import { expect, test } from './support/test';

const MINUTE = 60_000;

test('the displayed times are updated', async ({ page }) => {
  await page.clock.install();
  await signUp(page);
  await visit(page, '/');
  for (const name of ['Started', 'Last active']) await expect(time(page, name)).toHaveText('just now');
  await expect(time(page, 'Ends')).toHaveText('in 12 hours');

  await page.clock.fastForward(10 * MINUTE);
  for (const name of ['Started', 'Last active']) await expect(time(page, name)).toHaveText('10 minutes ago');
  await page.clock.fastForward(110 * MINUTE);
  await expect(time(page, 'Started')).toHaveText('2 hours ago');
  await expect(time(page, 'Ends')).toHaveText('in 10 hours');
});

test('displayed times use the clock of the server', async ({ page }) => {
  await page.clock.install({ time: new Date('2021-03-04T05:06:07Z') });
  await signUp(page);
  await visit(page, '/');
  await page.clock.fastForward(2 * MINUTE);
  await expect(time(page, 'Started')).toHaveText('2 minutes ago');
  await expect(time(page, 'Ends')).toHaveText('in 12 hours');
});

test.describe('with a short-lived session', () => {
  test.use(shortLived);

  test('the end of the session counts down in seconds', async ({ page }) => {
    await signUp(page);
    await blockSessionEvents(page);
    await visit(page, '/');
    const seen = await time(page, 'Ends').evaluate(async (time) => {
      const texts = new Set<string>();
      const end = Date.now() + 4000;
      while (Date.now() < end) {
        texts.add(time.textContent!);
        await new Promise((next) => setTimeout(next, 50));
      }
      return [...texts].map((text) => Number(/^in (\d) seconds?$/.exec(text)?.[1]));
    });
    expect(seen.length, `seconds seen: ${seen}`).toBeGreaterThanOrEqual(3);
    expect(seen).toEqual([...seen].sort().reverse());
    expect(seen[0]).toBeLessThanOrEqual(8);
  });

  test('a tab that becomes visible shows when the session was last active', async ({ page }) => {
    await signUp(page);
    await blockSessionEvents(page);
    await visit(page, '/');
    const [active, ends] = [time(page, 'Last active'), time(page, 'Ends')];
    const before = await active.getAttribute('data-at');
    const endBefore = await ends.getAttribute('data-at');

    // Activity in another tab.
    await page.waitForTimeout(2000);
    await page.request.get('/account');
    await becomeVisible(page);
    await expect(active).not.toHaveAttribute('data-at', before!);
    await expect(ends).not.toHaveAttribute('data-at', endBefore!);
    const after = Number(await active.getAttribute('data-at'));
    expect(after - Number(before)).toBeGreaterThanOrEqual(2000);

    // Becoming visible does not count as activity.
    await page.waitForTimeout(1500);
    for (let count = 0; count < 2; count++) await becomeVisible(page);
    await expect(active).toHaveAttribute('data-at', String(after));
  });
});

/** A time in the card, by its label. */
function time(page: Page, label: string): Locator {
  const card = page.getByRole('region', { name: 'This session' });
  return card.locator('dl > div').filter({ hasText: label }).getByRole('time');
}

/** Makes the page visible, and waits until it has requested the session status. */
async function becomeVisible(page: Page): Promise<void> {
  const response = page.waitForResponse('/api/session_status');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  expect((await response).status()).toBe(200);
}
