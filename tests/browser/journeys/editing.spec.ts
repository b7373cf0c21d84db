import { fillOutlet, recordId, save } from '../support/forms.ts';
import { Api, DESK, PHONE, TENANT, expect, signIn, test } from '../support/test.ts';

test('an empty form says what is missing, keeps what was typed, and leads to the field', async ({ visit }) => {
  const page = await visit({ ...PHONE, locale: 'en' });
  await signIn(page, 'dealer_rep@demo', `${TENANT}/app/outlet/new`);
  await page.locator('#f-owner_name').fill('Ms Lin');
  await page.locator('#f-owner_phone').fill('not a phone');
  await save(page);

  const summary = page.locator('#problems');
  await expect(summary).toBeFocused();
  await expect(summary.getByRole('link')).not.toHaveCount(0);
  for (const field of ['name', 'channel', 'tier', 'region', 'position_geo']) {
    await expect(summary.locator(`a[href="#f-${field}"]`)).toHaveCount(1);
    await expect(page.locator(`#f-${field}`)).toHaveAttribute('aria-invalid', 'true');
  }
  await expect(page.locator('#f-owner_name')).toHaveValue('Ms Lin');
  await expect(page.locator('#f-owner_phone')).toHaveValue('not a phone');
  await summary.locator('a[href="#f-tier"]').click();
  await expect(page.locator('#f-tier')).toBeFocused();
});

test('an edit of a version that is gone changes nothing and says so', async ({ visit }) => {
  const page = await visit({ ...PHONE, locale: 'zh-CN' });
  await signIn(page, 'dealer_rep@demo', `${TENANT}/app/outlet/new`);
  // Without a phone number no workflow touches it afterwards.
  await fillOutlet(page, { name: '版本小店', phone: '' });
  await save(page);
  await expect(page.locator('h1')).toHaveText('版本小店');
  const id = recordId(page);

  await page.goto(`${TENANT}/app/outlet/${id}/edit`);
  const api = await Api.as('dealer_rep@demo');
  expect((await api.send('PATCH', `/api/v1/outlet/${id}`, { owner_name: '先到者' })).status).toBe(200);
  await page.locator('#f-owner_name').fill('后到者');
  await save(page);
  await expect(page.locator('h1')).toHaveText('记录已被他人修改');
  await expect(page.locator('.error-status')).toHaveText('412');
  expect(await api.rows(`outlet?id=eq.${id}&select=owner_name`)).toEqual([{ owner_name: '先到者' }]);

  await page.locator('.error-page .primary').click();
  await expect(page.locator('h1')).toHaveText('版本小店');
});

test('a record is edited, found, sorted and deleted', async ({ visit }) => {
  const page = await visit({ ...DESK, locale: 'en' });
  await signIn(page, 'admin@demo', `${TENANT}/app/brand/new`);
  await page.locator('#f-name').fill('Quiet Brand');
  const code = page.locator('#f-brand_code');
  if ((await code.count()) > 0) await code.fill('QUIET');
  await save(page);
  await expect(page.locator('h1')).toHaveText('Quiet Brand');

  await page.locator('.page-head a.button').click();
  await page.locator('#f-name').fill('Loud Brand');
  await save(page);
  await expect(page.locator('h1')).toHaveText('Loud Brand');

  await page.goto(`${TENANT}/app/brand`);
  await page.locator('#q').fill('Loud');
  await page.locator('#q').press('Enter');
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.locator('thead a').first().click();
  await expect(page.locator('th[aria-sort]')).toHaveCount(1);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.locator('tbody a').first().click();

  await page.locator('.page-head .menu > summary').click();
  await page.locator('.menu-item.danger').click();
  await expect(page).toHaveURL(new RegExp(`${TENANT}/app/brand`));
  await expect(page.locator('main')).not.toContainText('Loud Brand');
});

test('what is typed while the fields are drawn again stays, and so does the caret', async ({ visit }) => {
  const page = await visit({ ...DESK, locale: 'en' });
  await signIn(page, 'admin@demo', `${TENANT}/app/sales_order/new`);
  const note = page.locator('textarea[name="f.note_txt"]');
  await note.fill('before');
  let asked = 0;
  let answer = () => {};
  const held = new Promise<void>((resolve) => { answer = resolve; });
  await page.route(`**${TENANT}/app/sales_order`, async (route) => {
    asked += 1;
    if (asked === 1) await held;
    await route.continue();
  });
  await page.locator('input[name="f.price_level"][value="sell_in"]').check();
  await expect.poll(() => asked).toBe(1);
  await note.fill('typed meanwhile');
  await note.evaluate((element) => (element as HTMLTextAreaElement).setSelectionRange(5, 5));
  answer();

  await expect(page.locator('[name="f.buyer_dealer"]')).toBeVisible();
  await expect(note).toHaveValue('typed meanwhile');
  await expect(note).toBeFocused();
  expect(await note.evaluate((element) => (element as HTMLTextAreaElement).selectionStart)).toBe(5);
  expect(asked).toBe(2);
});
