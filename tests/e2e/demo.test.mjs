// The demo page in headless Chromium: two tabs, the switches, and proxies that break WebSocket.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Broker } from './lib/broker.mjs';
import { connect, disconnect, publish, subscribe } from './lib/clients.mjs';
import { DemoTab, launchBrowser } from './lib/demo_tab.mjs';
import { mosquittoPublish } from './lib/mosquitto.mjs';
import { Proxy, proxies } from './lib/proxy.mjs';
import { until } from './lib/wait.mjs';

const kPictures = fileURLToPath(new URL('../../build/e2e', import.meta.url));

let browser;
let context;
before(async () => {
  mkdirSync(kPictures, { recursive: true });
  browser = await launchBrowser();
});
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

  test('the name is mine, and stays with the tab', { timeout: 60_000 }, async () => {
    const [one, other] = await twoTabs(broker.origin);
    await one.at('name').fill('  Grace <b>Hopper</b>  ');
    await one.click('left');
    await other.shows(1, 0);
    assert.match((await other.list('left'))[0].text, /^IO from Grace <b>Hopper<\/b>/);
    await one.page.reload();
    await one.live();
    assert.equal(await one.name(), 'Grace <b>Hopper</b>');
    assert.notEqual(await other.name(), 'Grace <b>Hopper</b>');
    await one.at('name').fill('');
    await one.click('right');
    await other.shows(1, 1);
    assert.match((await other.list('right'))[0].text, /^IO from \w+ \w+/, 'nobody is nameless');
  });
});

describe('the demo page and other clients', () => {
  let broker;
  before(async () => (broker = await Broker.start()));
  after(() => broker?.stop());

  for (const transport of ['sio1 polling', 'sio1 upgrade']) {
    test(`a page of 2014 and this one hear each other, ${transport}`, { timeout: 60_000 }, async () => {
      const tab = await DemoTab.open(context, broker.origin);
      const old = await connect(broker, transport);
      await subscribe(old, '#', 0);
      await publish(old, '/mqttio/#', 'IO from 2014');
      await tab.shows(1, 1);
      await publish(old, '/mqttio/left', 'IO from 2014');
      await tab.shows(2, 1);
      for (const { text } of await tab.list('left')) assert.match(text, /^IO from 2014/);
      await tab.click('broadcast');
      await tab.click('right');
      const mine = `IO from ${await tab.name()}`;
      for (const topic of ['/mqttio', '/mqttio/right']) {
        const fits = (message) => message.topic === topic && `${message.payload}` === mine;
        await old.inbox.first(fits, `${mine} at ${topic}`);
      }
      assert.equal(old.inbox.all.length, 4, 'each once');
      await disconnect(old);
    });
  }

  const kPayloads = {
    'plain words': ['hello', 'hello'],
    'markup, as text': ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    'nothing': ['', '(empty)'],
    'bytes that are no text': [Buffer.from([0xff, 0x00, 0x10]), '3 bytes: ff 00 10'],
    'more than anybody reads': ['long '.repeat(1000), `${'long '.repeat(100)}…`],
  };
  for (const [what, [payload, shown]] of Object.entries(kPayloads)) {
    test(`mosquitto_pub sends ${what}`, { timeout: 60_000 }, async () => {
      const tab = await DemoTab.open(context, broker.origin);
      await mosquittoPublish(broker, '/mqttio/left', payload, { qos: 0, protocolVersion: 4 });
      await tab.shows(1, 0);
      const text = await tab.at('list-left').locator('li .text').textContent();
      assert.equal(text, shown);
      tab.assertClean();
    });
  }

  test('a flood, a packet too large, and a topic below do no harm', { timeout: 60_000 }, async () => {
    const tab = await DemoTab.open(context, broker.origin);
    const other = await connect(broker, 'tcp');
    await publish(other, '/mqttio/left', Buffer.alloc(1_000_000), { qos: 1 });
    await publish(other, '/mqttio/left/below', 'not for a column', { qos: 1 });
    await Promise.all(Array.from({ length: 500 }, (_, i) => publish(other, '/mqttio/right', `${i}`, { qos: 1 })));
    await until(async () => (await tab.list('right'))[0]?.text.startsWith('499'), 'the last of the flood');
    assert.equal((await tab.list('right')).length, 100, 'a list that ends');
    assert.equal((await tab.list('left')).length, 0);
    assert.equal(await tab.count('received'), 500);
    await disconnect(other);
  });
});

describe('the demo page is for everybody', () => {
  let broker;
  before(async () => (broker = await Broker.start()));
  after(() => broker?.stop());

  for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 1920]) {
      test(`fits ${width} px, ${colorScheme}, whoever sends what`, { timeout: 60_000 }, async () => {
        const screen = await browser.newContext({ viewport: { width, height: 740 }, colorScheme });
        const tab = await DemoTab.open(screen, broker.origin);
        await tab.at('name').fill('W'.repeat(32));
        await tab.click('broadcast');
        await tab.shows(1, 1);
        await mosquittoPublish(broker, '/mqttio/left', 'x'.repeat(400), { qos: 0, protocolVersion: 4 });
        await tab.shows(2, 1);
        const scroll = await tab.page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(scroll <= width, `the page is ${scroll} px wide`);
        await tab.page.screenshot({ path: `${kPictures}/demo-${width}-${colorScheme}.png` });
        await screen.close();
      });
    }

    test(`every text stands out, ${colorScheme}`, { timeout: 60_000 }, async () => {
      const screen = await browser.newContext({ colorScheme });
      const tab = await DemoTab.open(screen, broker.origin);
      await tab.click('broadcast');
      await tab.shows(1, 1);
      const entry = tab.at('list-left').locator('li');
      await entry.evaluate((node) => Promise.all(node.getAnimations().map(({ finished }) => finished)));
      const weak = await tab.page.evaluate(weakTexts);
      assert.deepEqual(weak, [], 'contrast below 4.5');
      await screen.close();
    });
  }

  test('works by keyboard alone, and each stop shows where it is', { timeout: 60_000 }, async () => {
    const tab = await DemoTab.open(context, broker.origin);
    const stops = [];
    for (let i = 0; i < 6; i++) {
      await tab.page.keyboard.press('Tab');
      stops.push(await tab.page.evaluate(() => {
        const { dataset } = document.activeElement;
        return [dataset.testid, getComputedStyle(document.activeElement).outlineStyle];
      }));
    }
    const order = ['polling-only', 'drop', 'name', 'broadcast', 'left', 'right'];
    assert.deepEqual(stops, order.map((name) => [name, 'solid']));
    await tab.page.keyboard.press('Enter');
    await tab.shows(0, 1);
    await tab.at('polling-only').focus();
    await tab.page.keyboard.press('Space');
    await tab.live('polling');
  });

  test('everything has a name, and news are told', { timeout: 60_000 }, async () => {
    const tab = await DemoTab.open(context, broker.origin);
    const { page } = tab;
    for (const [role, name] of [
      ['heading', /^just\s+IO\s+them/i], ['switch', 'polling only'], ['button', 'drop my connection'],
      ['textbox', /your name/], ['button', /^everybody/], ['button', /^left/], ['button', /^right/],
      ['region', 'Left'], ['region', 'Right'],
    ]) {
      assert.equal(await page.getByRole(role, { name }).count(), 1, `${role} ${name}`);
    }
    assert.equal(await page.title(), 'MQTT.IO');
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.equal(await page.locator('[role=status]', { hasText: /WebSocket|Polling/ }).count(), 1);
    await tab.click('broadcast');
    await tab.shows(1, 1);
    const told = await page.locator('[aria-live=polite]').textContent();
    assert.equal(told, `both: IO from ${await tab.name()}`, 'once, not once a column');
    const ids = await page.locator('[id]').evaluateAll((nodes) => nodes.map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length, 'an id twice');
  });

  test('stands still for who wants that', { timeout: 60_000 }, async () => {
    const still = await browser.newContext({ reducedMotion: 'reduce' });
    const tab = await DemoTab.open(still, broker.origin);
    await tab.click('polling-only');
    await tab.live('polling');
    await tab.click('broadcast');
    await tab.shows(1, 1);
    assert.equal(await tab.page.evaluate(() => document.getAnimations().length), 0);
    await still.close();
  });
});

/** In the page: texts whose colour is too near to that of what lies behind them; a gradient counts as its colours. */
function weakTexts() {
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => {
    const [red, green, blue] = numbers(color).map((value) => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (node) => {
    const { backgroundColor, backgroundImage } = getComputedStyle(node);
    // Of the wide slab, the texts lie on its outer colours; the figure has the middle.
    const stops = backgroundImage.match(/rgb\([^)]*\)/g);
    if (stops) return [stops.at(0), stops.at(-1)];
    return numbers(backgroundColor)[3] === 0 ? behind(node.parentElement) : [backgroundColor];
  };
  const hasText = (node) => [...node.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
  return [...document.body.querySelectorAll('*')].filter((node) => hasText(node) && node.checkVisibility())
    .filter((node) => behind(node).some((color) => contrast(getComputedStyle(node).color, color) < 4.5))
    .map((node) => node.outerHTML);
}

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
