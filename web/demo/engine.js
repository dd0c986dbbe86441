// Engine.IO 4 in a browser: one session, which starts by long-polling and moves to a WebSocket if one gets through.
// It carries texts and bytes, in order. It never comes back: whoever wants another session makes another Engine.

const kSeparator = '\x1e';
// A WebSocket that says nothing for so long is in the hands of a proxy that swallows it.
const kProbeTimeout = 10_000;
// Until the server has told its own.
const kOpenTimeout = 20_000;

export class Engine {
  /** One message: a string, or bytes as Uint8Array. */
  onmessage = () => {};
  /** What carries the messages from now on, 'polling' or 'websocket', and what became of the attempt to upgrade. */
  ontransport = () => {};
  onopen = () => {};
  /** The end, once, with a reason for people. */
  onclose = () => {};

  #url;
  #upgrade;
  #session;
  #queue = [];
  #getting = false;
  #posting = false;
  #probe = null; // a WebSocket that is not trusted yet
  #probed = false; // it has answered: it takes over as soon as no request is under way
  #socket = null; // the WebSocket that has taken over
  #closing = false;
  #ended = false;
  #requests = new AbortController();
  #liveness;
  #probeTimer;
  #busters = 0;

  /** `url` is that of the endpoint, usually /socket.io/. Without `upgrade` it stays on polling. */
  constructor(url, { upgrade = true } = {}) {
    this.#url = url;
    this.#upgrade = upgrade;
    this.#expectSign();
    this.#get();
  }

  /** These messages leave behind all others, next to each other. */
  send(...messages) {
    if (this.#closing) return;
    this.#queue.push(...messages.map(packetOf));
    this.#advance();
  }

  /** Ends the session. What waits and these last words leave first, even if the page goes away at this moment. */
  close(...messages) {
    if (this.#closing) return;
    this.#closing = true;
    this.#giveProbeUp();
    this.#queue.push(...messages.map(packetOf));
    if (!this.#socket) this.#queue.push('1');
    this.#advance();
    if (this.#socket || !this.#session) this.#end('closed');
  }

  /** Ends it as a lost network does: nobody is told anything. */
  drop(reason) {
    this.#queue = [];
    this.#end(reason);
  }

  // What may happen next follows from the state alone, so it is decided in one place, after every event.
  #advance() {
    if (this.#ended || !this.#session) return;
    const idle = !this.#getting && !this.#posting;
    if (this.#probed && idle) this.#switchOver();
    if (this.#socket) return this.#sendAll(this.#socket);
    if (this.#probed) return; // a request that began now would have to be waited for as well
    if (!this.#getting && !this.#closing) this.#get();
    if (!this.#posting && this.#queue.length > 0) this.#post();
  }

  // ---- polling: at most one GET and one POST at a time, or the server ends the session

  async #get() {
    this.#getting = true;
    const body = await this.#request();
    this.#getting = false;
    if (body === undefined) return;
    for (const packet of body.split(kSeparator)) this.#receive(decode(packet));
    this.#advance();
  }

  async #post() {
    this.#posting = true;
    const answer = await this.#request(this.#takeBatch());
    this.#posting = false;
    if (answer === undefined) return;
    if (this.#closing && this.#queue.length === 0) return this.#end('closed');
    this.#advance();
  }

  /** As much of the queue as one body may hold, encoded. */
  #takeBatch() {
    let body = encode(this.#queue.shift());
    while (this.#queue.length > 0) {
      const next = encode(this.#queue[0]);
      if (body.length + kSeparator.length + next.length > this.#session.maxPayload) break;
      body += kSeparator + next;
      this.#queue.shift();
    }
    return body;
  }

  /** The body of the answer, or nothing after the end. */
  async #request(body) {
    try {
      const response = await fetch(this.#address('polling'), {
        method: body === undefined ? 'GET' : 'POST',
        body,
        cache: 'no-store',
        keepalive: this.#closing, // the last words outlive the page
        signal: this.#requests.signal,
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`);
      return this.#ended ? undefined : text;
    } catch (error) {
      // Of a network that fails, browsers tell nothing, each in words of its own.
      this.#end(error instanceof TypeError ? 'the server cannot be reached' : error.message);
      return undefined;
    }
  }

  #address(transport) {
    const url = new URL(this.#url);
    url.searchParams.set('EIO', '4');
    url.searchParams.set('transport', transport);
    if (this.#session) url.searchParams.set('sid', this.#session.sid);
    // Some caches keep what they were told not to store. With a letter in it, the server knows a repeated request by it.
    if (transport === 'polling') url.searchParams.set('t', `t${(this.#busters++).toString(36)}`);
    else url.protocol = url.protocol.replace('http', 'ws');
    return url;
  }

  // ---- the upgrade: the polling session goes on undisturbed until the WebSocket has answered

  #startProbe() {
    const probe = (this.#probe = new WebSocket(this.#address('websocket')));
    probe.binaryType = 'arraybuffer';
    probe.onopen = () => probe.send('2probe');
    probe.onmessage = ({ data }) => {
      if (data !== '3probe') return this.#probeFailed();
      // The server ends the GET that is pending; no other request starts meanwhile.
      this.#probed = true;
      this.#advance();
    };
    probe.onclose = () => this.#probeFailed();
    this.#probeTimer = setTimeout(() => this.#probeFailed(), kProbeTimeout);
  }

  #switchOver() {
    this.#socket = this.#probe;
    this.#probe = null;
    this.#probed = false;
    clearTimeout(this.#probeTimer);
    this.#socket.onmessage = ({ data }) => this.#receive(typeof data === 'string' ? data : new Uint8Array(data));
    this.#socket.onclose = () => this.#end('the WebSocket was closed');
    this.#socket.send('5');
    this.ontransport('websocket');
  }

  #probeFailed() {
    this.#giveProbeUp();
    this.ontransport('polling', 'failed');
    this.#advance();
  }

  #giveProbeUp() {
    clearTimeout(this.#probeTimer);
    this.#probed = false;
    silence(this.#probe);
    this.#probe = null;
  }

  #sendAll(socket) {
    for (const packet of this.#queue.splice(0)) socket.send(packet);
  }

  // ---- packets

  #receive(packet) {
    if (this.#ended) return;
    this.#expectSign();
    if (typeof packet !== 'string') return this.onmessage(packet);
    const data = packet.slice(1);
    switch (packet[0]) {
      case '0': return this.#opened(JSON.parse(data));
      case '1': return this.#end('the server ended the session');
      case '2': return this.#pong(data);
      case '4': return this.onmessage(data);
      case '6': return;
      default: this.drop('the server sent something that is not Engine.IO');
    }
  }

  #opened(session) {
    this.#session = session;
    this.#expectSign();
    const upgrade = this.#upgrade && session.upgrades.includes('websocket');
    this.ontransport('polling', upgrade ? 'trying' : undefined);
    if (upgrade) this.#startProbe();
    this.onopen();
  }

  /** Overtakes all that waits: a server that hears no pong takes us for dead. */
  #pong(data) {
    this.#queue.unshift(`3${data}`);
    this.#advance();
  }

  /** The server pings: whoever hears nothing for longer than that is alone. */
  #expectSign() {
    const milliseconds = this.#session ? this.#session.pingInterval + this.#session.pingTimeout : kOpenTimeout;
    clearTimeout(this.#liveness);
    this.#liveness = setTimeout(() => this.drop('the server has fallen silent'), milliseconds);
  }

  #end(reason) {
    if (this.#ended) return;
    this.#ended = this.#closing = true;
    clearTimeout(this.#liveness);
    this.#giveProbeUp();
    silence(this.#socket);
    this.#requests.abort();
    this.onclose(reason);
  }
}

/** Closes a WebSocket that nobody listens to any more; what was given to it leaves first. */
function silence(socket) {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
}

// Bytes are always a message; of a text, the first character tells.
const packetOf = (message) => (typeof message === 'string' ? `4${message}` : message);

// On polling, bytes travel as base64.
const encode = (packet) => (typeof packet === 'string' ? packet : `b${btoa(String.fromCharCode(...packet))}`);
const decode = (text) => (text[0] === 'b' ? Uint8Array.from(atob(text.slice(1)), (char) => char.charCodeAt(0)) : text);
