import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { visit } from './support/arrival';
import { newcomer, register } from './support/people';
import { expect, test } from './support/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [320, 1280];

// A colour that is still on its way to another would be measured as neither.
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

test('sign in, refused', async ({ page }) => {
  await visit(page, '/login');
  await page.getByLabel('Email').fill('ada@example.org');
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Email or password is not right.');
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

test('home', async ({ page }) => {
  await register(page, newcomer());
  await expectAccessible(page);
});

test('home, of somebody whose name has nowhere to break', async ({ page }) => {
  const ada = newcomer();
  await register(page, { ...ada, name: 'W'.repeat(100), email: `${'w'.repeat(50)}.${ada.email}` });
  await expectAccessible(page);
});

test('page not found', async ({ page, faults }) => {
  faults.expect(/console error: .*status of 404/);
  await page.goto('/nowhere');
  await expectAccessible(page);
});

test('the keyboard reaches all of the sign-in page, and one sees where it is', async ({ page }) => {
  await visit(page, '/login');
  for (const stop of [
    page.getByRole('link', { name: 'Vestibule' }),
    page.getByLabel('Email'),
    page.getByLabel('Password', { exact: true }),
    page.getByRole('button', { name: 'Show password' }),
    page.getByLabel('Keep me signed in'),
    page.getByRole('button', { name: 'Sign in' }),
    page.getByRole('link', { name: 'Create an account' }),
  ]) {
    await page.keyboard.press('Tab');
    await expect(stop).toBeFocused();
    await expectVisibleFocus(page);
  }
});

test('the keyboard skips to the content of a page, or signs out', async ({ page }) => {
  await register(page, newcomer());
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await expectVisibleFocus(page);

  for (const stop of [
    page.getByRole('link', { name: 'Vestibule' }),
    page.getByRole('button', { name: 'Sign out' }),
  ]) {
    await page.keyboard.press('Tab');
    await expect(stop).toBeFocused();
    await expectVisibleFocus(page);
  }
  await skip.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await page.getByRole('button', { name: 'Sign out' }).press('Enter');
  await expect(page).toHaveURL('/login');
});

/** Audits the page in both themes, on a small phone and on a desk. */
async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const look = `${colorScheme}, ${width} px wide`;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect.soft(await violations(page), look).toEqual([]);
      const overflow = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth - clientWidth;
      });
      expect.soft(overflow, `${look}: pixels to scroll sideways`).toBe(0);
    }
  }
}

async function violations(page: Page): Promise<string[]> {
  // Preloading would write inline styles into the page, which its policy rightly refuses.
  const audit = await new AxeBuilder({ page }).withTags(RULES).options({ preload: false }).analyze();
  return audit.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id} at ${node.target.join(' ')}: ${node.failureSummary}`),
  );
}

/** An outline, or a shadow that does an outline's work (WCAG 2.4.7). */
async function expectVisibleFocus(page: Page): Promise<void> {
  const seen = await page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement!);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  });
  expect(seen, 'the focus shows').toBe(true);
}
