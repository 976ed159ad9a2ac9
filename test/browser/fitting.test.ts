import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { listDevices, listWiring, redeemClaim, verifyCredential } from '#libs/registry';
import { seedMorning, startSeeded, type SeededConsole } from '../harness/seeded-console.js';
import { chromiumAvailable, CHROMIUM_MISSING, openBrowser } from './chromium.js';
import { expectInOrder } from './in-order.js';

if (!chromiumAvailable) console.warn(`browser tests skipped: ${CHROMIUM_MISSING}`);
(chromiumAvailable ? describe : describe.skip)('fitting devices in a real browser', () => {
  let seeded: SeededConsole;
  let browser: { context: BrowserContext; close(): Promise<void> };
  let page: Page;

  beforeAll(async () => {
    seeded = await startSeeded(seedMorning);
    browser = await openBrowser();
    page = await browser.context.newPage();
    await page.goto(`${seeded.url}/homes/h1/fitting`);
    await page.getByLabel('Username').fill(seeded.username);
    await page.getByLabel('Password', { exact: true }).fill(seeded.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await seeded.stop();
  });

  const tell = (device: string, kind: string, value: boolean | number): Promise<unknown> =>
    seeded.series.append([{ home: 'h1', device, kind, value, atMs: Date.now(), receivedMs: Date.now(), clock: 'device', test: false }]);

  test('a device that was heard is adopted, and confirmed as soon as it is heard again', async () => {
    await expectInOrder(page, 'fitting');
    await page.getByRole('link', { name: 'Adopt new-plug' }).click();
    expect(await page.getByLabel('Device', { exact: true }).inputValue()).toBe('new-plug');
    expect(await page.getByLabel('What it watches').inputValue()).toBe('appliance');
    expect(await page.getByLabel('What it tells').inputValue()).toBe('power');
    await page.getByRole('button', { name: 'Adopt and check' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('is not one of hallway');
    await expectInOrder(page, 'fitting-error');
    await page.getByLabel('Room', { exact: true }).selectOption('kitchen');
    await page.getByRole('button', { name: 'Register and check' }).click();
    await page.getByText('Registered. Now check that it works.').waitFor();
    await page.getByRole('button', { name: 'I am about to press it or walk past it' }).click();
    await page.getByText('Waiting since').waitFor();
    await expectInOrder(page, 'device-check-waiting');
    await tell('new-plug', 'power', 1_200);
    await page.getByText('It works: Power, 1200 W').waitFor({ timeout: 10_000 }); // By itself.
    await expectInOrder(page, 'device-check-works');
    expect((await listDevices(seeded.db, 'h1', Date.now())).find(({ id }) => id === 'new-plug')).toMatchObject({ room: 'kitchen', use: 'appliance', kinds: ['power'] });
  }, 90_000);

  test('a contact that tells the opposite is turned round', async () => {
    await page.goto(`${seeded.url}/homes/h1/fitting/devices/door-front`);
    await expectInOrder(page, 'device-check-new');
    await page.getByRole('button', { name: 'I am about to press it or walk past it' }).click();
    await page.getByText('Waiting since').waitFor();
    await tell('door-front', 'open', false);
    await page.getByText('Was the door or window open when you did that?').waitFor({ timeout: 10_000 });
    await expectInOrder(page, 'device-check-wiring');
    await page.getByRole('button', { name: 'It was open' }).click();
    await page.getByText('Noted which way round it is.').waitFor();
    expect(await listWiring(seeded.db, 'h1')).toMatchObject([{ device: 'door-front', kind: 'open', inverted: true, setBy: seeded.username }]);
    expect(await page.getByText('Was the door or window open').count()).toBe(0);
    await expectInOrder(page, 'device-check-wired');
  }, 90_000);

  test('a login is made, shown once, and revoked', async () => {
    await page.goto(`${seeded.url}/homes/h1/fitting`);
    await page.getByRole('button', { name: 'Make a claim code instead' }).click();
    const code = await page.locator('.hw-claim').innerText();
    await expectInOrder(page, 'claim-made');
    expect(await redeemClaim(seeded.db, code, Date.now())).toMatchObject({ home: 'h1', kind: 'hub' });
    await page.getByRole('link', { name: 'I have put it in' }).click();
    await page.getByText('From a table').click();
    await page.getByLabel('Table (CSV)').fill('id,room,use,kinds\nplug-9,castle,appliance,power');
    await page.getByRole('button', { name: 'Only check' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('Line 2: room: is not one of');
    await expectInOrder(page, 'fitting-table-error');
    await page.getByLabel('Table (CSV)').fill('id,room,use,kinds\nplug-9,kitchen,appliance,power');
    await page.getByRole('button', { name: 'Register all' }).click();
    await page.getByText('Registered: 1 device.').waitFor();
    expect((await listDevices(seeded.db, 'h1', Date.now())).map(({ id }) => id)).toContain('plug-9');
    await page.getByRole('button', { name: 'Make the login' }).click();
    await expectInOrder(page, 'login-made');
    const [username, password] = await page.locator('dd code').allInnerTexts();
    expect(await verifyCredential(seeded.db, username!, password!, Date.now())).toMatchObject({ home: 'h1', kind: 'hub' });
    await page.getByRole('link', { name: 'I have put it in' }).click();
    expect(await page.content()).not.toContain(password!);
    await page.getByRole('button', { name: `Rotate ${username!}` }).click();
    await page.getByText('The old login').waitFor();
    await page.getByRole('link', { name: 'I have put it in' }).click();
    await expectInOrder(page, 'fitting-logins');
    await page.getByRole('button', { name: `Revoke now ${username!}` }).click();
    await page.getByText('The login is revoked').waitFor();
    expect(await verifyCredential(seeded.db, username!, password!, Date.now())).toBeNull();
  }, 90_000);
});
