// Hook of `session.revoke`: asks the application to end one session. The application must write the audit record
//   {"v":1, …, "action":"session.revoke", "outcome":"success", "target":{"type":"session","id":"<the session>"}}
// for Silowatch believes that record, not this program.
import { text } from 'node:stream/consumers';

const { target, incident } = JSON.parse(await text(process.stdin));
const base = process.env.APP_URL ?? 'http://127.0.0.1:8080';
const answer = await fetch(`${base}/internal/sessions/${encodeURIComponent(target.session)}`, {
  method: 'DELETE',
  headers: { 'x-reason': incident },
});
// Gone already is as good as ended.
process.exitCode = answer.ok || answer.status === 404 ? 0 : 1;
console.log(`the application answered ${answer.status}`);
