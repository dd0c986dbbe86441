// What the demo page makes of bad days: wires that are cut, a broker that freezes or wants a password.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { DemoTab, launchBrowser } from './lib/demo_tab.mjs';
import { Relay } from './lib/relay.mjs';
import { pause, until } from './lib/wait.mjs';

let browser;
let context;
before(async () => (browser = await launchBrowser()));
after(() => browser?.close());
beforeEach(async () => (context = await browser.newContext()));
afterEach(() => context?.close());

const withState = (tab, state) => until(async () => (await tab.badge()).state === state, `a badge that says ${state}`);

describe('a wire that is cut', () => {
  let broker;
  let relay;
  before(async () => (broker = await Broker.start()));
  after(() => broker?.stop());
  beforeEach(async () => (relay = await Relay.start(broker.webPort)));
  afterEach(() => relay?.stop());

  test('clicks while offline wait, visibly, and leave once', { timeout: 60_000 }, async () => {
    const far = await DemoTab.open(context, broker.origin);
    const near = await DemoTab.open(context, relay.origin);
    relay.cut({ broken: true });
    await withState(near, 'lost');
    for (const button of ['left', 'right', 'broadcast']) await near.click(button);
    assert.match(await near.at('notice').textContent(), /3 messages wait/);
    await far.click('left');
    await far.shows(1, 0);
    await near.shows(0, 0);
    relay.mend();
    await near.live();
    await far.shows(3, 2);
    await near.shows(3, 2);
    assert.equal(await near.at('notice').textContent(), '');
    assert.equal(await near.count('sent'), 3);
  });

  for (const transport of ['websocket', 'polling']) {
    test(`${transport}: however often it is cut, each click arrives once, in order`, { timeout: 120_000 }, async () => {
      const far = await DemoTab.open(context, broker.origin);
      const near = await DemoTab.open(context, relay.origin);
      if (transport === 'polling') await near.click('polling-only');
      const kCuts = 6;
      for (let cut = 1; cut <= kCuts; cut++) {
        await near.live(transport);
        for (const tab of [near, far]) {
          await tab.at('name').fill(`${tab === near ? 'near' : 'far'} ${cut}`);
          await tab.click('left');
        }
        await pause(cut * 3); // another moment of the exchange each time
        // Not for a moment only: Chromium would repeat a poll without telling anybody.
        relay.cut({ broken: true });
        await withState(near, 'lost');
        relay.mend();
      }
      await near.live(transport);
      for (const tab of [near, far]) {
        await tab.shows(2 * kCuts, 0);
        for (const who of ['near', 'far']) {
          const seen = (await tab.list('left')).map(({ text }) => new RegExp(`${who} (\\d+)`).exec(text)?.[1]);
          const order = Array.from({ length: kCuts }, (_, i) => `${kCuts - i}`);
          assert.deepEqual(seen.filter(Boolean).map((number) => number[0]), order, 'the newest first');
        }
      }
    });
  }

  // Chromium repeats a request by itself, with the same `t`, if the connection is reset that carried others before.
  for (const [what, pattern] of [
    ['a message', /451-/],
    ["a POST's ok", /\r\n\r\nok$/],
  ]) {
    test(`polling: an answer that is lost, ${what}`, { timeout: 60_000 }, async () => {
      const far = await DemoTab.open(context, broker.origin);
      const near = await DemoTab.open(context, relay.origin);
      await near.click('polling-only');
      await near.live('polling');
      await near.click('right');
      await near.shows(0, 1);
      const lost = relay.lose(pattern);
      await (pattern.test('451-') ? far : near).click('left');
      await lost;
      for (const tab of [near, far]) await tab.shows(1, 1);
    });
  }

  test('a page that is left and found again works on', { timeout: 60_000 }, async () => {
    const tab = await DemoTab.open(context, broker.origin);
    await tab.live('websocket');
    await tab.page.goto('about:blank');
    await tab.page.goBack();
    await tab.live('websocket');
    await tab.click('broadcast');
    await tab.shows(1, 1);
  });
});

describe('a WebSocket that a proxy accepts and swallows', () => {
  test('the page stays on polling, and says so', { timeout: 60_000 }, async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.stop());
    const relay = await Relay.start(broker.webPort, { swallows: (head) => /^upgrade: websocket/im.test(head) });
    t.after(() => relay.stop());
    const page = await context.newPage();
    await page.clock.install();
    const tab = await DemoTab.open(context, relay.origin, page);
    await until(() => tab.websockets.length > 0, 'a WebSocket attempt');
    await tab.click('broadcast'); // nobody waits for the attempt
    await tab.shows(1, 1);
    assert.match((await tab.badge()).text, /trying/);
    await page.clock.fastForward(10_000);
    await until(async () => /no WebSocket/.test((await tab.badge()).text), 'a badge that gives WebSocket up');
    await tab.click('left');
    await tab.shows(2, 1);
  });
});

describe('a broker that freezes', () => {
  for (const transport of ['websocket', 'polling']) {
    test(`${transport}: it is found out, and forgiven`, { timeout: 60_000 }, async (t) => {
      const broker = await Broker.start();
      t.after(() => broker.stop());
      const page = await context.newPage();
      await page.clock.install();
      const tab = await DemoTab.open(context, broker.origin, page);
      if (transport === 'polling') await tab.click('polling-only');
      await tab.live(transport);
      process.kill(broker.pid, 'SIGSTOP');
      try {
        await page.clock.fastForward(46_000);
        await withState(tab, 'lost');
        assert.match((await tab.badge()).text, /silent/);
      } finally {
        process.kill(broker.pid, 'SIGCONT');
      }
      await page.clock.fastForward(60_000);
      await tab.live(transport);
      await tab.click('broadcast');
      await tab.shows(1, 1);
    });
  }
});

describe('a broker that wants a password', () => {
  test('the page asks for it', { timeout: 60_000 }, async (t) => {
    const broker = await Broker.start('--bind', '127.0.0.1');
    t.after(() => broker.stop());
    const made = () => /user (\S+) +password (\S+)/.exec(broker.program.stdout);
    const [, user, password] = await until(made, 'the user in the banner');
    const page = await context.newPage();
    await page.goto(`${broker.origin}/demo`);
    const tab = DemoTab.of(page, broker.origin);
    await withState(tab, 'refused');
    const form = tab.at('sign-in');
    await form.getByLabel('User').fill(user);
    await form.getByLabel('Password').fill('wrong');
    await form.getByRole('button').click();
    await until(async () => /user name or password|authorized/.test((await tab.badge()).text), 'the reason');
    await withState(tab, 'refused');
    await form.getByLabel('Password').fill(password);
    await form.getByRole('button').click();
    await tab.live('websocket');
    assert.equal(await form.isVisible(), false);
    await tab.click('broadcast');
    await tab.shows(1, 1);
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage })),
      new RegExp(password), 'the password is not kept');
  });
});
