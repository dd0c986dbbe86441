// The demo page in headless Chromium: two tabs, the switches, and proxies that break WebSocket.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Broker } from './lib/broker.mjs';
import { DemoTab, launchBrowser } from './lib/demo_tab.mjs';
import { Proxy, proxies } from './lib/proxy.mjs';
import { until } from './lib/wait.mjs';

const kPictures = fileURLToPath(new URL('../../build/e2e', import.meta.url));

let browser;
let context;
before(async () => (browser = await launchBrowser()));
after(() => browser?.close());
beforeEach(async () => (context = await browser.newContext({ viewport: { width: 1100, height: 760 } })));
afterEach(() => context?.close());

const twoTabs = async (origin) => [await DemoTab.open(context, origin), await DemoTab.open(context, origin)];

async function bothShow(tabs, left, right) {
  for (const tab of tabs) await tab.shows(left, right);
}

/** Each button once, from changing tabs; every column of every tab must show what it should, once. */
async function clickAround([one, other]) {
  await one.click('left');
  await bothShow([one, other], 1, 0);
  await other.click('right');
  await bothShow([one, other], 1, 1);
  await one.click('broadcast');
  await bothShow([one, other], 2, 2);
  await other.click('broadcast');
  await bothShow([one, other], 3, 3);
  // What comes behind shows that nothing of the above came once more.
  await other.click('left');
  await one.click('right');
  await bothShow([one, other], 4, 4);
}

describe('the demo page', () => {
  let broker;
  before(async () => (broker = await Broker.start()));
  after(() => broker?.stop());

  test('two tabs see each other, the broadcast reaches both columns once', { timeout: 60_000 }, async () => {
    const tabs = await twoTabs(broker.origin);
    for (const tab of tabs) await tab.live('websocket');
    await clickAround(tabs);
    const [one, other] = tabs;
    const name = await one.name();
    assert.ok(name, 'the tab has a name');
    assert.ok((await other.list('left')).some(({ text }) => text.includes(name)), 'the other tab shows who it was');
    assert.equal(await one.count('sent'), 3);
    assert.ok((await other.count('received')) >= 6);
    mkdirSync(kPictures, { recursive: true });
    await one.page.screenshot({ path: `${kPictures}/demo.png` });
    for (const tab of tabs) tab.assertClean();
  });

  test('a reload keeps working', { timeout: 60_000 }, async () => {
    const [one, other] = await twoTabs(broker.origin);
    await one.click('left');
    await bothShow([one, other], 1, 0);
    await one.page.reload();
    await one.live('websocket');
    const { length: before } = await one.list('right');
    await other.click('right');
    await other.shows(1, 1);
    await until(async () => (await one.list('right')).length === before + 1, 'the click of the other tab, once');
    await one.click('left');
    await other.shows(2, 1);
  });

  test('"polling only" stays on polling, and gives WebSocket back', { timeout: 60_000 }, async () => {
    const tabs = await twoTabs(broker.origin);
    const [one] = tabs;
    await one.live('websocket');
    await one.click('polling-only');
    await one.live('polling');
    await clickAround(tabs);
    await one.live('polling');
    await one.click('polling-only');
    await one.live('websocket');
  });

  test('"drop my connection" recovers by itself', { timeout: 60_000 }, async () => {
    const tabs = await twoTabs(broker.origin);
    const [one] = tabs;
    await one.live('websocket');
    await one.at('badge').evaluate((badge) => {
      window.statesSeen = [];
      new MutationObserver(() => window.statesSeen.push(badge.dataset.state)).observe(badge, { attributes: true });
    });
    await one.click('drop');
    await until(() => one.page.evaluate(() => window.statesSeen.some((state) => state !== 'connected')),
      'a badge that admits the loss');
    await one.live('websocket');
    await clickAround(tabs);
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`fits a phone, ${colorScheme}`, { timeout: 60_000 }, async () => {
      const phone = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme });
      const tab = await DemoTab.open(phone, broker.origin);
      await tab.click('broadcast');
      await tab.shows(1, 1);
      const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `the page is ${width} px wide`);
      mkdirSync(kPictures, { recursive: true });
      await tab.page.screenshot({ path: `${kPictures}/demo-phone-${colorScheme}.png` });
      await phone.close();
    });
  }
});

describe('the demo page behind a proxy', () => {
  let broker;
  before(async () => (broker = await Broker.start('--dev')));
  after(() => broker?.stop());

  for (const [name, { websocket }] of Object.entries(proxies)) {
    test(`${name}: ${websocket ? 'websocket' : 'stays on polling and says so'}`, { timeout: 60_000 }, async (t) => {
      const proxy = await Proxy.start(name, broker.webPort);
      t.after(() => proxy.stop());
      const tabs = await twoTabs(proxy.origin);
      for (const tab of tabs) {
        if (!websocket) await tab.lostWebsocket();
        await tab.live(websocket ? 'websocket' : 'polling');
      }
      await clickAround(tabs);
      for (const tab of tabs) {
        await tab.live(websocket ? 'websocket' : 'polling');
        tab.assertClean();
      }
    });
  }
});
