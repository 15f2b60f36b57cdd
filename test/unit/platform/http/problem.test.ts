import { NotFoundException } from '@nestjs/common';
import { z } from 'zod';
import { conflict, DomainError, forbidden, notFound, unmet } from '../../../../src/platform/errors/domain-error.js';
import { InvalidRequest, problemOf } from '../../../../src/platform/http/problem.js';

describe('an error becomes an answer', () => {
  it.each([
    [notFound('The alert'), 404, 'NOT_FOUND'],
    [conflict('changed'), 409, 'CONFLICT'],
    [forbidden('no'), 403, 'FORBIDDEN'],
    [new DomainError('SIGNED_OUT', 'x'), 401, 'SIGNED_OUT'],
    [new DomainError('RATE_LIMITED', 'x', { retryable: true }), 429, 'RATE_LIMITED'],
    [new DomainError('SILO_EXISTS', 'x'), 409, 'SILO_EXISTS'],
    [new DomainError('NAME_INVALID', 'x'), 400, 'NAME_INVALID'],
    [new DomainError('LOG_UNAVAILABLE', 'x', { retryable: true }), 503, 'LOG_UNAVAILABLE'],
    [new NotFoundException('Cannot GET /secret/path'), 404, 'NOT_FOUND'],
    [new Error('password=hunter2'), 500, 'INTERNAL'],
    ['a thrown string', 500, 'INTERNAL'],
    [Object.assign(new Error('entity too large: hunter2'), { status: 413 }), 413, 'REQUEST_TOO_LARGE'],
  ])('%s → %i', (error, status, code) => {
    const answer = problemOf(error);
    expect(answer).toMatchObject({ status, code });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|secret\/path|\.ts:/);
  });

  it('that lists what a gate still needs', () => {
    const answer = problemOf(unmet('INCIDENT_GATE', 'Not yet', { missing: ['a root cause'] }));
    expect(answer).toMatchObject({ status: 422, code: 'INCIDENT_GATE', missing: ['a root cause'] });
    expect(answer).not.toHaveProperty('kind');
  });

  it('whose details cannot overwrite its status', () => {
    expect(problemOf(new DomainError('A_CONFLICT', 'x', { details: { status: 200, type: 'x' } }))).toMatchObject({
      status: 409,
    });
  });

  it('with each faulty field of a request', () => {
    const { error } = z.object({ a: z.object({ b: z.string() }) }).safeParse({ a: { b: 1 } });
    const answer = problemOf(new InvalidRequest(error!.issues));
    expect(answer['errors']).toEqual([{ path: 'a.b', message: expect.any(String) }]);
  });
});
