import { expectUrl, javaScriptEnabled, visit } from './support/navigation';
import { cookiesOf, createUser, newUser, sessionCookieName, signIn, submitSignIn } from './support/users';
import { expect, test } from './support/test';

const DAY = 24 * 60 * 60;

test('signing in redirects home', async ({ page, request }) => {
  const ada = await createUser(request);
  await signIn(page, ada);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Hello, ${ada.name}`);
  await expect(page.getByText('Ends when you close the browser.')).toBeVisible();
});

test('sign-in and register redirect home when already signed in', async ({ page, request }) => {
  await signIn(page, await createUser(request));
  for (const path of ['/login', '/register']) {
    await visit(page, path);
    await expectUrl(page, '/');
  }
});

test('a protected page redirects to sign-in without a session', async ({ page }) => {
  await visit(page, '/');
  await expectUrl(page, '/login?next=%2F');
});

test('the return address is kept after a failed sign-in', async ({ page, request }) => {
  const ada = await createUser(request);
  await visit(page, '/?from=mail');
  await expectUrl(page, '/login?next=%2F%3Ffrom%3Dmail');

  await submitSignIn(page, { ...ada, password: 'not this one' });
  await expect(page.getByRole('alert')).toContainText('Incorrect email or password.');
  await expectUrl(page, '/login?next=%2F%3Ffrom%3Dmail');

  await submitSignIn(page, ada);
  await expectUrl(page, '/?from=mail');
});

test('the return address is kept on the link to register', async ({ page }) => {
  await visit(page, '/login?next=%2F%3Ffrom%3Dmail');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expectUrl(page, '/register?next=%2F%3Ffrom%3Dmail');
});

for (const hostile of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
  test(`${hostile} is not accepted as a return address`, async ({ page, request }) => {
    const ada = await createUser(request);
    await visit(page, `/login?next=${encodeURIComponent(hostile)}`);
    await submitSignIn(page, ada);
    await expectUrl(page, '/');

    const { email, password } = ada;
    const forged = await request.post('/api/sign_in', {
      form: { email, password, next: hostile },
      headers: { Accept: 'text/html' },
      maxRedirects: 0,
    });
    expect([forged.status(), forged.headers()['location']]).toEqual([303, '/']);
  });
}

test('a wrong password and an unknown account get the same message', async ({ page, request }) => {
  const ada = await createUser(request);
  const users = [{ ...ada, password: 'not this one' }, newUser()];
  for (const user of users) {
    await visit(page, '/login');
    await submitSignIn(page, user);
    const alert = page.getByRole('alert');
    await expect(alert).toHaveText('Incorrect email or password.');
    // The focus moves, since the focused button was disabled.
    if (javaScriptEnabled()) await expect(alert.getByText('Incorrect email or password.')).toBeFocused();
    await expect(page.getByLabel('Email')).toHaveValue(user.email);
    expect(await cookiesOf(page), 'neither a session nor the rejected form is kept').toEqual([]);
  }
});

test('each empty field shows an error', async ({ page }) => {
  await visit(page, '/login');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription('Enter your email address.');
  const password = page.getByLabel('Password', { exact: true });
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveAccessibleDescription('Enter a password.');
});

test('the session cookie ends with the browser by default', async ({ page, request }) => {
  await signIn(page, await createUser(request));
  const [cookie] = await cookiesOf(page);
  expect(cookie).toMatchObject({
    name: sessionCookieName(page),
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: false,
    expires: -1,
  });
});

test('"Keep me signed in" lasts fourteen days', async ({ page, request }) => {
  await signIn(page, await createUser(request), { remember: true });
  await expect(page.getByText('Stays signed in on this device.')).toBeVisible();

  const cookies = await cookiesOf(page);
  expect(cookies).toEqual([
    expect.objectContaining({ name: sessionCookieName(page), httpOnly: true, sameSite: 'Lax' }),
  ]);
  const days = (cookies[0].expires - Date.now() / 1000) / DAY;
  expect(days).toBeCloseTo(14, 2);
});

test('the eye button shows and hides the password', async ({ page }) => {
  test.skip(!javaScriptEnabled(), 'the button needs JavaScript');
  await visit(page, '/login');
  const password = page.getByLabel('Password', { exact: true });
  const show = page.getByRole('button', { name: 'Show password' });
  await password.fill('violet anchor');
  await expect(password).toHaveAttribute('type', 'password');

  await show.click();
  await expect(password).toHaveAttribute('type', 'text');
  await expect(password).toHaveValue('violet anchor');
  await expect(show).toHaveAttribute('aria-pressed', 'true');

  await show.click();
  await expect(password).toHaveAttribute('type', 'password');
});

test('buttons that need JavaScript are hidden without it', async ({ page }) => {
  test.skip(javaScriptEnabled(), 'with JavaScript the button is shown');
  await visit(page, '/login');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show password' })).toBeHidden();
});
