import { calculateJwkThumbprint, errors, jwtVerify, SignJWT, type JWK, type JWTVerifyGetKey } from 'jose';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';

/** A command is worth nothing after this long, whatever its `exp` says. */
export const MAX_COMMAND_SECONDS = 120;
/** Clocks of silo and service may differ by so much, either way. */
const TOLERANCE_SECONDS = 10;
const COMMAND_TYPE = 'silowatch-command+jwt';
const RESULT_TYPE = 'silowatch-result+jwt';
const ISSUER = 'silowatch';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** RFC 7638 thumbprint: the key's name follows from the key, so that it cannot be mistaken for another. */
export const keyId = (publicKey: JWK): Promise<string> => calculateJwkThumbprint(publicKey);

const commandClaims = z.object({
  jti: z.string().min(1).max(100),
  exp: z.number(),
  iat: z.number(),
  /** The exact bytes that were approved. */
  command: z.string().max(100_000),
  /** Names the decision that sent it: a repeat of the same decision is done once, a new decision anew. */
  decision: z.string().min(1).max(100),
  approvals: z.array(z.object({ name: z.string(), at: z.string() })),
});

const resultClaims = z.object({
  jti: z.string().min(1).max(100),
  iat: z.number(),
  /** Null in a sign of life. */
  commandId: z.string().max(100).nullable(),
  status: z.number().int().min(100).max(599),
  statusText: z.string().max(1_000),
  results: z.record(z.string().max(100), z.unknown()).optional(),
});

export interface CommandClaims {
  readonly jti: string;
  readonly command: string;
  readonly decision: string;
  readonly approvals: readonly { readonly name: string; readonly at: string }[];
}

export type ResultClaims = Omit<z.infer<typeof resultClaims>, 'iat' | 'jti'> & { readonly jti: string };

/** Why a token was refused; a closed set, safe as a metric's label. */
export type TokenRefusal = 'signature' | 'unknown_key' | 'audience' | 'expired' | 'malformed' | 'replayed';

export type Verified<T> =
  { readonly ok: true; readonly claims: T } | { readonly ok: false; readonly refusal: TokenRefusal };

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

/** Signs a command for one silo (JWS, EdDSA), good for `lifeSeconds`, at most 120. */
export function signCommand(
  key: SigningKey,
  silo: string,
  claims: CommandClaims,
  now: Date,
  lifeSeconds: number,
): Promise<string> {
  return new SignJWT({ command: claims.command, decision: claims.decision, approvals: claims.approvals })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: COMMAND_TYPE })
    .setIssuer(ISSUER)
    .setAudience(silo)
    .setJti(claims.jti)
    .setIssuedAt(seconds(now))
    .setExpirationTime(seconds(now) + Math.min(lifeSeconds, MAX_COMMAND_SECONDS))
    .sign(key.privateKey);
}

/** Signs an agent's answer, or with a null command a sign of life. */
export function signResult(key: SigningKey, silo: string, claims: ResultClaims, now: Date): Promise<string> {
  const { jti, ...rest } = claims;
  return new SignJWT(rest)
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: RESULT_TYPE })
    .setIssuer(silo)
    .setAudience(ISSUER)
    .setJti(jti)
    .setIssuedAt(seconds(now))
    .sign(key.privateKey);
}

/** Checks a command as the agent of `silo`: pinned algorithm and key, audience, life of at most 120 s. Repeats are the caller's to refuse. */
export function verifyCommand(
  token: string,
  silo: string,
  pinned: ReadonlyMap<string, KeyObject>,
  now: Date,
): Promise<Verified<z.infer<typeof commandClaims>>> {
  return verify(token, pinned, commandClaims, {
    issuer: ISSUER,
    audience: silo,
    typ: COMMAND_TYPE,
    maxTokenAge: MAX_COMMAND_SECONDS,
    requiredClaims: ['exp', 'iat', 'jti'],
    clockTolerance: TOLERANCE_SECONDS,
    currentDate: now,
  });
}

/** Checks an answer of the agent of `silo`, whose topic it came on. It has no end: it may have waited while Silowatch was down. */
export function verifyResult(
  token: string,
  silo: string,
  pinned: ReadonlyMap<string, KeyObject>,
  now: Date,
): Promise<Verified<z.infer<typeof resultClaims>>> {
  return verify(token, pinned, resultClaims, {
    issuer: silo,
    audience: ISSUER,
    typ: RESULT_TYPE,
    requiredClaims: ['iat', 'jti'],
    currentDate: now,
  });
}

async function verify<S extends z.ZodType>(
  token: string,
  pinned: ReadonlyMap<string, KeyObject>,
  schema: S,
  options: Parameters<typeof jwtVerify>[2],
): Promise<Verified<z.output<S>>> {
  const getKey: JWTVerifyGetKey = ({ kid }) => {
    const key = kid === undefined ? undefined : pinned.get(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  try {
    const { payload } = await jwtVerify(token, getKey, { ...options, algorithms: ['EdDSA'] });
    const parsed = schema.safeParse(payload);
    return parsed.success ? { ok: true, claims: parsed.data } : { ok: false, refusal: 'malformed' };
  } catch (error) {
    return { ok: false, refusal: refusalOf(error) };
  }
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key';
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'aud' || error.claim === 'iss' ? 'audience' : 'malformed';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  return 'malformed';
}
