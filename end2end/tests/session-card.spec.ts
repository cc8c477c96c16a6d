import type { Locator, Page } from '@playwright/test';

import { blockSessionEvents, visit } from './support/navigation';
import { signUp } from './support/users';
import { shortLived } from './support/short-lived';
import { expect, test } from './support/test';

const MINUTE = 60_000;

test('the times of the session stay true', async ({ page }) => {
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

test("the times are by the server's clock", async ({ page }) => {
  await page.clock.install({ time: new Date('2021-03-04T05:06:07Z') });
  await signUp(page);
  await visit(page, '/');
  await page.clock.fastForward(2 * MINUTE);
  await expect(time(page, 'Started')).toHaveText('2 minutes ago');
  await expect(time(page, 'Ends')).toHaveText('in 12 hours');
});

test.describe('with a session that ends soon', () => {
  test.use(shortLived);

  test('the end counts down by the second', async ({ page }) => {
    await signUp(page);
    await blockSessionEvents(page);
    await visit(page, '/');
    const seen = await time(page, 'Ends').evaluate(async (time) => {
      const texts = new Set<string>();
      const until = Date.now() + 4000;
      while (Date.now() < until) {
        texts.add(time.textContent!);
        await new Promise((next) => setTimeout(next, 50));
      }
      return [...texts].map((text) => Number(/^in (\d) seconds?$/.exec(text)?.[1]));
    });
    expect(seen.length, `seconds seen: ${seen}`).toBeGreaterThanOrEqual(3);
    expect(seen).toEqual([...seen].sort().reverse());
    expect(seen[0]).toBeLessThanOrEqual(8);
  });

  test('a tab that comes to the front shows when the session was last active', async ({ page }) => {
    await signUp(page);
    await blockSessionEvents(page);
    await visit(page, '/');
    const [active, ends] = [time(page, 'Last active'), time(page, 'Ends')];
    const before = await active.getAttribute('data-at');
    const endBefore = await ends.getAttribute('data-at');

    // Another tab is used.
    await page.waitForTimeout(2000);
    await page.request.get('/account');
    await comeToFront(page);
    await expect(active).not.toHaveAttribute('data-at', before!);
    await expect(ends).not.toHaveAttribute('data-at', endBefore!);
    const after = Number(await active.getAttribute('data-at'));
    expect(after - Number(before)).toBeGreaterThanOrEqual(2000);

    // To look is no activity.
    await page.waitForTimeout(1500);
    for (let looked = 0; looked < 2; looked++) await comeToFront(page);
    await expect(active).toHaveAttribute('data-at', String(after));
  });
});

/** One of the times in the card, by its term. */
function time(page: Page, term: string): Locator {
  const card = page.getByRole('region', { name: 'This session' });
  return card.locator('dl > div').filter({ hasText: term }).getByRole('time');
}

/** As when the tab comes to the front; done when the page has learned of its session. */
async function comeToFront(page: Page): Promise<void> {
  const asked = page.waitForResponse('/api/session_status');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  expect((await asked).status()).toBe(200);
}
