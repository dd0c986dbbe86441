// Payloads of random content, and how to tell whether they arrived whole.
import { createHash, randomBytes } from 'node:crypto';

const KiB = 1024;

export const kSizes = [0, 1, 64 * KiB, 3 * KiB * KiB];

/** A cheap name for content: equal names, equal bytes. */
export const digest = (bytes) => `${bytes.length}:${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;

/** One message for each size at each QoS: {topic, payload, qos}. The topic tells what it was. */
export function messages(prefix, sizes, levels = [0, 1, 2]) {
  return levels.flatMap((qos) =>
    sizes.map((size) => ({ topic: `${prefix}/qos${qos}/${size}-bytes`, payload: randomBytes(size), qos })));
}

/** What two lists of messages are compared by. */
export const labels = (list) => list.map(({ topic, qos, payload }) => `${topic} at QoS ${qos}: ${digest(payload)}`);
