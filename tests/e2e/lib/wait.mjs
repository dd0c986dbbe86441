// Waiting without sleeping: every wait names what it waits for and ends at a deadline.

/** Milliseconds that any single event may take before a test calls it a failure; generous, for a busy machine. */
export const kDeadline = 15_000;

/** The promise's value, or a failure that says what did not happen in time. */
export async function within(promise, what, milliseconds = kDeadline) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms: ${describe(what)}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks `probe` again and again until it gives something true; only for state that has no event of its own. */
export async function until(probe, what, milliseconds = kDeadline) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${describe(what)}`);
    await pause(10);
  }
}

/** Lets other things happen; never a way to wait for one of them. */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// `what` may be a function, so that it tells the state at the time of the failure.
const describe = (what) => (typeof what === 'function' ? what() : what);

/** Things that arrive, kept in order, for a test that asks for them later or waits until they come. */
export class Inbox {
  all = [];
  #wake = [];

  push(item) {
    this.all.push(item);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** The first item that fits, arrived already or yet to come. */
  async first(fits, what, milliseconds = kDeadline) {
    const search = async () => {
      for (let next = 0; ; ) {
        for (; next < this.all.length; next++) if (fits(this.all[next])) return this.all[next];
        await new Promise((resolve) => this.#wake.push(resolve));
      }
    };
    return within(search(), () => `${describe(what)} (${this.all.length} others came)`, milliseconds);
  }
}
