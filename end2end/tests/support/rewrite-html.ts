import type { Page } from '@playwright/test';

/** Changes the HTML of every page before it reaches the browser, as a proxy might. */
export async function rewritePages(page: Page, rewrite: (html: string) => string): Promise<void> {
  await page.route('**/*', async (route, request) => {
    if (request.resourceType() !== 'document' || request.method() !== 'GET') return route.fallback();
    const response = await route.fetch({ maxRedirects: 0 });
    if (response.status() !== 200) return route.fulfill({ response });
    return route.fulfill({ response, body: rewrite(await response.text()) });
  });
}

/** Applies `change` to each text between tags in the body. */
export function rewriteTexts(html: string, change: (text: string) => string): string {
  const [head, body] = html.split('<body>');
  const changed = body.replace(/>([^<>]*[^<>\s][^<>]*)</g, (_, text: string) => `>${change(text)}<`);
  return `${head}<body>${changed}`;
}
