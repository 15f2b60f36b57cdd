import { LATE_AFTER_MS } from '../detect/detect-batch.js';
import type { ProgressMessage, SignalsMessage, SignalsTopicMessage } from '../detect/signal-message.js';

/**
 * A message with what it says of time held to when the log took it. An instance's clock may be ahead, by hours even; what it did then is no
 * later for that, and the log's time is one for all.
 */
export function heldToLog(message: SignalsTopicMessage, loggedMs: number): SignalsTopicMessage {
  switch (message.kind) {
    case 'signals':
      return message.detectedMs <= loggedMs ? message : detectedAt(message, loggedMs);
    case 'relayed':
      return { ...message, clocks: message.clocks.map(([partition, ms]) => [partition, Math.min(ms, loggedMs)]) };
    case 'progress':
      return message.clockMs <= loggedMs ? message : setBack(message, message.clockMs - loggedMs);
  }
}

function detectedAt(message: SignalsMessage, atMs: number): SignalsMessage {
  const isOld = message.signals.some(({ timeMs }) => atMs - timeMs > LATE_AFTER_MS);
  return { ...message, detectedMs: atMs, isLate: message.isLate && isOld };
}

/** Which watermarks came of the clock and which of events is not told: those of events come late by as much, until the clock is right. */
function setBack(message: ProgressMessage, byMs: number): ProgressMessage {
  return {
    ...message,
    clockMs: message.clockMs - byMs,
    sentMs: message.sentMs - byMs,
    watermarks: message.watermarks.map(([source, tenant, ms]) => [source, tenant, ms - byMs]),
    counts: message.counts.map(({ readUpToMs, ...counts }) => {
      return typeof readUpToMs === 'number' ? { ...counts, readUpToMs: readUpToMs - byMs } : { ...counts, readUpToMs };
    }),
  };
}
