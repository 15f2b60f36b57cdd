import createClient from 'openapi-fetch';
import { Problem, problemOf } from './problem';
import type { paths } from './schema';
import { stepUp } from './step-up';

let csrfToken = '';
let onSessionEnd: () => void = () => undefined;

/** The token that proves a change was made on this page; comes with the session. */
export const setCsrfToken = (token: string): void => {
  csrfToken = token;
};
export const whenSessionEnds = (listener: () => void): void => {
  onSessionEnd = listener;
};

const isSignIn = (url: string): boolean => new URL(url).pathname.startsWith('/api/session');

const withToken = (request: Request): Request => {
  const copy = request.clone();
  if (copy.method !== 'GET') copy.headers.set('x-csrf-token', csrfToken);
  return copy;
};

/** Sends, asks for the second factor where the service wants it again, and turns every failure into a `Problem`. */
async function send(request: Request): Promise<Response> {
  const response = await fetch(withToken(request));
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.code === 'STEP_UP_REQUIRED') {
    if (await stepUp.ask()) return send(request);
    throw new Problem({
      status: 403,
      code: 'STEP_UP_DECLINED',
      title: 'Not done',
      detail: 'This needs your second factor once more. Nothing was changed.',
    });
  }
  if (response.status === 401 && !isSignIn(request.url)) onSessionEnd();
  throw problem;
}

/** The service's API; its types are generated from the OpenAPI document, so that a changed API breaks the build. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: send,
  headers: { accept: 'application/json' },
});

/** The body of a successful answer. `send` has already thrown for the others. */
export async function take<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await answer;
  return data as NonNullable<T>;
}

/** For answers without a body. */
export async function done(answer: Promise<unknown>): Promise<void> {
  await answer;
}
