import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';

import { expectUrl } from './navigation';

/** Opens the link of a mail. Its token is gone from the address bar at once. */
export async function openLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expectUrl(page, new URL(link, 'http://localhost').pathname.replace(/\/[^/]*$/, ''));
}

/** Expects the page that stands in for a link which cannot be used, whatever the reason. */
export async function expectInvalidLink(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link cannot be used');
  await expect(page.getByRole('link', { name: 'Ask for a link to choose a new password' })).toBeVisible();
}
