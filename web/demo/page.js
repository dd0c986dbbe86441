// The page of 2014: two columns, three buttons, everybody who has it open.
import { MqttClient } from './mqtt.js';

const kRoot = '/mqttio';
const kTopics = { left: `${kRoot}/left`, right: `${kRoot}/right`, both: `${kRoot}/#` };
// A group send to /mqttio/# reaches a listener to that filter as /mqttio: it belongs to both columns.
const kColumns = { [kTopics.left]: ['left'], [kTopics.right]: ['right'], [kRoot]: ['left', 'right'] };
// A flood from a terminal must not make the page slow.
const kEntriesMax = 100;
const kTextMax = 500;

const at = (name) => document.querySelector(`[data-testid="${name}"], [data-part="${name}"]`);
const element = (tag, properties, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
const stillness = matchMedia('(prefers-reduced-motion: reduce)');
const client = new MqttClient(new URL('../socket.io/', import.meta.url), kTopics.both);

// ---- who I am: a name that lives as long as the tab

const pick = (words) => words.split(' ')[Math.floor(Math.random() * words.split(' ').length)];
const someName = () =>
  `${pick('brisk calm bright quiet merry swift bold gentle lucky noble sunny witty keen proud jolly mellow')} ` +
  `${pick('otter heron lynx finch badger crane gecko hare ibis koala marten newt owl panda raven tapir')}`;

const nameField = at('name');
nameField.value = sessionStorage.getItem('name') ?? someName();
rename();

function rename() {
  nameField.value = nameField.value.trim() || someName();
  nameField.size = nameField.value.length + 1; // for browsers without field-sizing
  sessionStorage.setItem('name', nameField.value);
}
nameField.addEventListener('change', rename);
nameField.addEventListener('keydown', ({ key }) => key === 'Enter' && nameField.blur());

// ---- sending

let sent = 0;
for (const [testid, to] of [['left', 'left'], ['right', 'right'], ['broadcast', 'both']]) {
  at(testid).addEventListener('click', () => send(to));
}

function send(to) {
  rename();
  refusal = '';
  if (!client.publish(kTopics[to], `IO from ${nameField.value}`)) return;
  at('sent').textContent = ++sent;
}

let refusal = '';
client.onrefused = ({ topic }, reason) => (refusal = `The broker refused your message to ${topic}: ${reason}.`);

// ---- receiving

let received = 0;
client.onmessage = ({ topic, payload }) => {
  const columns = kColumns[topic];
  if (!columns) return; // somebody else's, deeper below
  const id = ++received;
  at('received').textContent = received;
  const text = readable(payload);
  const to = columns.length === 2 ? 'both' : columns[0];
  for (const column of columns) show(column, to, id, text);
  beat(to);
  at('announcer').textContent = `${to}: ${text}`;
};

function show(column, to, id, text) {
  const now = new Date();
  const [, name] = /^IO from (.+)$/s.exec(text) ?? [];
  const entry = element('li', {},
    element('span', { className: 'text' }, ...(name ? ['IO from ', element('b', {}, name)] : [text])),
    element('time', { dateTime: now.toISOString() }, now.toLocaleTimeString('en-GB')));
  Object.assign(entry.dataset, { messageId: id, to });
  const list = at(`list-${column}`);
  list.prepend(entry);
  if (list.children.length > kEntriesMax) list.lastChild.remove();
}

/** What anybody may have sent, as something to read. */
function readable(payload) {
  if (payload.length === 0) return '(empty)';
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    return text.length > kTextMax ? `${text.slice(0, kTextMax)}…` : text;
  } catch {
    const digits = Array.from(payload.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `${payload.length} bytes: ${digits}${payload.length > 16 ? ' …' : ''}`;
  }
}

/** The slab that was meant shows that something came. */
function beat(to) {
  if (stillness.matches) return;
  const frames = [{ scale: 1 }, { scale: 1.12, offset: 0.25 }, { scale: 1 }];
  document.querySelector(`.slab[data-to="${to}"] .figure`).animate(frames, { duration: 450, easing: 'ease-out' });
}

// ---- the connection, as it is

const kFate = { trying: ', trying WebSocket', failed: ', no WebSocket through here' };
const kWords = {
  connecting: () => 'Connecting',
  connected: ({ transport, upgrade }) => (transport === 'websocket' ? 'WebSocket' : `Polling${kFate[upgrade] ?? ''}`),
  lost: ({ reason }) => `Offline: ${reason}`,
  refused: ({ reason }) => `Refused: ${reason}`,
  stopped: () => 'Offline',
};
client.onchange = () => {
  const { status, waiting } = client;
  const badge = at('badge');
  badge.dataset.state = status.state;
  badge.dataset.transport = status.transport ?? '';
  at('status').textContent = kWords[status.state](status);
  countDown();
  at('drop').disabled = status.state !== 'connected';
  at('sign-in').hidden = status.state !== 'refused';
  for (const slab of document.querySelectorAll('.slab')) slab.disabled = client.full;
  at('notice').textContent = notice(status, waiting);
};

function notice({ state }, waiting) {
  if (state === 'connected' || waiting === 0) return refusal;
  return `${waiting === 1 ? 'One message waits' : `${waiting} messages wait`} for the next connection.`;
}

/** Beside the status, so that it is not read out each second. */
function countDown() {
  const { retryAt } = client.status;
  at('countdown').textContent = retryAt ? `again in ${Math.max(0, Math.ceil((retryAt - Date.now()) / 1000))} s` : '';
}
setInterval(countDown, 1000);

at('polling-only').addEventListener('change', ({ target }) => client.usePollingOnly(target.checked));
at('drop').addEventListener('click', () => client.drop());
at('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const { user, password } = event.target.elements;
  client.signIn(user.value, password.value);
});

// ---- coming and going

for (const host of document.querySelectorAll('[data-part="host"]')) {
  if (!['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)) host.textContent = ` -h ${location.hostname}`;
}
addEventListener('online', () => client.status.state === 'lost' && client.start());
addEventListener('pagehide', () => client.stop());
addEventListener('pageshow', ({ persisted }) => persisted && client.start());
client.usePollingOnly(at('polling-only').checked); // browsers may restore it after a reload
