import type { Leak } from './find-leaks.js';
import type { Notice, Person } from './notice.js';

export type Approval =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code:
        'NOTICE_NOT_DRAFT' | 'NOTICE_OWN' | 'NOTICE_CONTENT_CHANGED' | 'NOTICE_FACTS_MISSING' | 'NOTICE_NAMES_OTHERS';
      readonly message: string;
      readonly missing: readonly string[];
    };

/** People needed to override the finding that a text names another customer. */
const OVERRIDING_PEOPLE = 2;

/** Whether `approver`, who has seen the content with the hash `seen`, may send it out. */
export function mayApprove(
  notice: Pick<Notice, 'state' | 'editors' | 'overrides'>,
  content: { readonly hash: string; readonly missing: readonly string[]; readonly leaks: readonly Leak[] },
  approver: Person,
  seen: string,
): Approval {
  const no = (
    code: (Approval & { ok: false })['code'],
    message: string,
    missing: readonly string[] = [],
  ): Approval => ({
    ok: false,
    code,
    message,
    missing,
  });
  if (notice.state !== 'draft') return no('NOTICE_NOT_DRAFT', 'The notice is not a draft any more');
  // Identity counts, not role: whoever wrote a word of it does not approve it.
  if (notice.editors.some(({ id }) => id === approver.id)) {
    return no('NOTICE_OWN', 'Somebody who has not written any of it must approve it');
  }
  if (content.hash !== seen)
    return no('NOTICE_CONTENT_CHANGED', 'The notice is not what you looked at any more: read it again');
  if (content.missing.length > 0) return no('NOTICE_FACTS_MISSING', 'Something is missing', content.missing);
  const overriders = new Set(
    notice.overrides.filter(({ contentHash }) => contentHash === content.hash).map(({ person }) => person.id),
  );
  if (content.leaks.length > 0 && overriders.size < OVERRIDING_PEOPLE) {
    return no(
      'NOTICE_NAMES_OTHERS',
      'The text seems to name another customer; two people have to override that with a reason',
      content.leaks.map(({ field, words }) => `${field}: ${words}`),
    );
  }
  return { ok: true };
}
