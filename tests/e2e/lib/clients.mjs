// Other people's MQTT clients over every transport, behind one call.
import { MqttClient, connect as mqttConnect } from 'mqtt';
import { SioStream } from './sio_stream.mjs';
import { Inbox, within } from './wait.mjs';

/** name -> (broker, options) -> MqttClient. The whole list of ways in, for libraries. */
export const transports = {
  tcp: (broker, options) => mqttConnect(`mqtt://127.0.0.1:${broker.mqttPort}`, options),
  ws: (broker, options) => mqttConnect(`ws://127.0.0.1:${broker.webPort}/mqtt`, options),
};
for (const generation of [1, 2, 3, 4]) {
  for (const mode of ['polling', 'websocket', 'upgrade']) {
    transports[`sio${generation} ${mode}`] = (broker, options) =>
      new MqttClient(() => new SioStream(broker.origin, generation, mode), options);
  }
}

/** One of each kind, where the generation of the client does not matter. */
export const kClasses = ['tcp', 'ws', 'sio4 polling', 'sio4 websocket', 'sio4 upgrade'];
/** Each generation and mode of socket.io-client. */
export const kGenerations = Object.keys(transports).filter((name) => name.startsWith('sio'));

let counter = 0;
/** A name that no other test uses: topics and client ids. */
export const unique = (name) => `${name}-${process.pid}-${++counter}`;

/**
 * Connects and waits for CONNACK. The client gets an `inbox` of {topic, payload, qos, retain, dup} from its first
 * packet on, its `sessionPresent`, and never reconnects by itself.
 */
export async function connect(broker, transport, options = {}) {
  const client = transports[transport](broker, {
    clientId: unique('client'),
    protocolVersion: 4,
    protocolId: 'MQTT',
    clean: true,
    keepalive: 60,
    reconnectPeriod: 0,
    connectTimeout: 15_000,
    ...options,
  });
  client.inbox = new Inbox();
  client.on('message', (topic, payload, { qos, retain, dup, properties }) =>
    client.inbox.push({ topic, payload, qos, retain, dup, properties }));
  client.closed = new Promise((resolve) => client.once('close', resolve));
  const connack = await within(new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
    client.once('close', () => reject(new Error(`${transport}: closed before CONNACK`)));
  }), `CONNACK over ${transport}`);
  client.on('error', (error) => (client.failure = error));
  client.sessionPresent = connack.sessionPresent;
  return client;
}

/** Subscribes and insists on the QoS that was asked for. */
export async function subscribe(client, filter, qos = 2) {
  const granted = await within(client.subscribeAsync(filter, { qos }), `SUBACK for ${filter}`);
  if (granted[0]?.qos !== qos) throw new Error(`asked for QoS ${qos} on ${filter}, got ${JSON.stringify(granted)}`);
}

/** Publishes and waits until the client library calls it done: sent, PUBACK or PUBCOMP. */
export async function publish(client, topic, payload, options = {}) {
  await within(client.publishAsync(topic, payload, { qos: 0, ...options }),
    () => `publish of ${payload.length} bytes at QoS ${options.qos ?? 0} to ${topic} ` +
      `(${client.failure ?? (client.connected ? 'still connected' : 'connection lost')})`, 30_000);
}

/** Ends politely, with DISCONNECT. */
export async function disconnect(client) {
  await within(client.endAsync(), 'end of a client');
}

/** Ends as a device does whose power fails: the transport goes, no DISCONNECT. */
export async function cut(client) {
  client.stream.destroy();
  await within(client.closed, 'close of a client');
  await client.endAsync(true);
}
