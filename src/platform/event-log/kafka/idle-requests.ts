import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

let isMended = false;

/**
 * kafkajs 2.2.4 looks for waiting requests each millisecond on every connection, also when none waits, by a timer whose time is negative (of
 * which Node warns). Each answer makes it look anyway; so the timer is left to requests that wait and to throttling.
 */
export function restWhenIdle(): void {
  if (isMended) return;
  isMended = true;
  const { prototype } = RequestQueue;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function restingSchedule(): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
