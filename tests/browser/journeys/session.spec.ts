import { DESK, PHONE, TENANT, expect, server, signIn, test } from '../support/test.ts';

test('a wrong password is refused, and says no more than that', async ({ visit }) => {
  const page = await visit({ ...DESK, locale: 'en' });
  for (const [tenant, email] of [
    ['demo', 'dealer_rep@demo'],
    ['demo', 'nobody@demo'],
    ['no_such_tenant', 'dealer_rep@demo'],
  ] as const) {
    await page.goto(`/t/${tenant}/login`);
    await page.locator('#email').fill(email);
    await page.locator('#password').fill('not the password');
    await page.locator('form.stack button').click();
    await expect(page.getByRole('alert')).toHaveText('E-mail or password is wrong.');
    await expect(page.locator('#email')).toHaveValue(email);
    await expect(page.locator('#password')).toHaveValue('');
  }
});

test('a page that needs a session comes back after signing in; signing out ends it', async ({ visit }) => {
  const page = await visit({ ...DESK, locale: 'en' });
  const wanted = `${TENANT}/app/outlet?q=a`;
  await page.goto(wanted);
  await expect(page).toHaveURL(new RegExp(`${TENANT}/login\\?next=`));
  await page.locator('#email').fill('dealer_rep@demo');
  await page.locator('#password').fill('demo-only');
  await page.locator('form.stack button').click();
  await expect(page).toHaveURL(`${server()}${wanted}`);

  await page.locator('.account > summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(`${server()}${TENANT}/login`);
  await page.goto(wanted);
  await expect(page).toHaveURL(new RegExp(`${TENANT}/login`));
});

test('the language is chosen before signing in and after, and stays', async ({ visit }) => {
  const page = await visit({ ...PHONE, locale: 'en' });
  await page.goto(`${TENANT}/login`);
  await page.getByRole('link', { name: '繁體中文' }).click();
  await expect(page.locator('form.stack button')).toHaveText('登入');
  await signIn(page, 'dealer_rep@demo', `${TENANT}/app/outlet`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-TW');
  await expect(page.locator('h1')).toHaveText('終端門市');

  await page.locator('.account > summary').click();
  await page.getByRole('button', { name: '简体中文' }).click();
  await expect(page).toHaveURL(`${server()}${TENANT}/app/outlet`);
  await expect(page.locator('h1')).toHaveText('终端门店');
  await page.goto(`${TENANT}/app/sales_order`);
  await expect(page.locator('h1')).toHaveText('订单');
});

test('a form that does not come from our page is refused', async ({ visit }) => {
  const page = await visit({ ...DESK, locale: 'en' });
  await signIn(page, 'dealer_rep@demo');
  const posts = [
    `${TENANT}/app/outlet`,
    `${TENANT}/app/locale`,
    `${TENANT}/app/notifications/read`,
    `${TENANT}/logout`,
  ];
  for (const path of posts) {
    for (const token of ['', 'guessed']) {
      const form = { 'f.name': 'Forged', locale: 'zh-TW', ...(token ? { _csrf: token } : {}) };
      const answer = await page.request.post(path, { form, maxRedirects: 0 });
      expect(answer.status(), `${path} with token “${token}”`).toBe(403);
    }
  }
  await page.goto(`${TENANT}/app/outlet?q=Forged`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('main')).toContainText('Nothing matches');
});

test('the login form needs the token of its own page too', async ({ request }) => {
  const form = { email: 'dealer_rep@demo', password: 'demo-only' };
  const answer = await request.post(`${TENANT}/login`, { form, maxRedirects: 0 });
  expect(answer.status()).toBe(403);
});
