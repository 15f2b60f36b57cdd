import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import type { Incident } from '../incidents/incident.js';
import { withinSystemScope } from '../incidents/within-system-scope.js';
import { Config } from '../platform/config/config.js';
import type { Tx } from '../platform/database/database.js';
import { mailConfig } from '../platform/mail/mail.config.js';
import { SiloDirectory } from '../silos/silo-directory.service.js';
import type { Silo, SiloContact } from '../silos/silo.js';
import { cleanFacts, missingFacts } from './fact-fields.js';
import { findLeaks, type Leak, type OtherSilo } from './find-leaks.js';
import type { Notice, NoticeFacts, NoticeKind } from './notice.js';
import { NoticeTexts } from './notice-texts.js';
import { renderNotice, type RenderedNotice } from './render-notice.js';

/** A notice as it would go out now, and what speaks against it. */
export interface Composed {
  readonly rendered: RenderedNotice;
  /** All contacts; only verified ones get the mail, each address once. */
  readonly contacts: readonly SiloContact[];
  readonly recipients: readonly { readonly name: string; readonly address: string }[];
  readonly missing: readonly string[];
  readonly leaks: readonly Leak[];
  readonly warnings: readonly string[];
}

/** Language of the templates there are. */
const LANGUAGE = 'en';

/** Puts notices together from the facts of their own silo. */
@Injectable()
export class NoticeComposer {
  constructor(
    private readonly silos: SiloDirectory,
    private readonly texts: NoticeTexts,
    private readonly config: Config,
  ) {}

  async compose(
    tx: Tx,
    notice: Pick<Notice, 'tenant' | 'kind' | 'facts'>,
    incident: Pick<Incident, 'number'>,
  ): Promise<Composed> {
    const silo = await this.silos.find(tx, notice.tenant);
    const contacts = await this.silos.contacts(tx, notice.tenant);
    const recipients = recipientsOf(contacts);
    const facts = cleanFacts(notice.kind, notice.facts);
    const rendered = this.#render({ ...notice, facts }, incident, silo, recipients);
    const leaks = findLeaks(facts, await this.#others(tx, notice.tenant), asOther(notice.tenant, silo, contacts));
    const missing = [
      ...missingFacts(notice.kind, facts),
      ...(recipients.length === 0 ? ['A verified contact of the customer'] : []),
    ];
    return { rendered, contacts, recipients, missing, leaks, warnings: warnings(silo, leaks) };
  }

  /** What is known already: for a first notice the times of this silo's own alerts, later what the notice before said. */
  async prefill(
    tx: Tx,
    about: { readonly incidentId: string; readonly tenant: string; readonly kind: NoticeKind },
    before: Notice | undefined,
  ): Promise<NoticeFacts> {
    const { COMPANY_NAME: company, SECURITY_ADDRESS: address, SECURITY_PHONE: phone } = this.config.get(mailConfig);
    const contact = [`${company}, security team`, address, ...(phone === undefined ? [] : [phone])].join('\n');
    if (before !== undefined) return cleanFacts(about.kind, { contact, ...before.facts, nextUpdate: '' });
    const [times] = await tx.query<{ first: Date | null; last: Date | null; noticed: Date | null }[]>(
      `select min(first_event_at) as first, max(last_event_at) as last, min(created_at) as noticed
       from alerts where incident_id = $1 and tenant_id = $2`,
      [about.incidentId, about.tenant],
    );
    const { first = null, last = null, noticed = null } = times ?? {};
    return cleanFacts(about.kind, {
      contact,
      ...(first === null || last === null
        ? {}
        : { period: `${inWords(first)} to ${inWords(last)}, as far as we know now` }),
      ...(noticed === null ? {} : { detectedAt: inWords(noticed) }),
    });
  }

  /** The subject alone, without the checks: for lists. */
  async subject(tx: Tx, notice: Pick<Notice, 'tenant' | 'kind'>, incident: Pick<Incident, 'number'>): Promise<string> {
    const silo = await this.silos.find(tx, notice.tenant);
    return this.#render({ ...notice, facts: {} }, incident, silo, []).subject;
  }

  #render(
    notice: Pick<Notice, 'tenant' | 'kind' | 'facts'>,
    incident: Pick<Incident, 'number'>,
    silo: Silo | undefined,
    recipients: readonly { readonly address: string }[],
  ): RenderedNotice {
    const content = {
      kind: notice.kind,
      reference: incident.number,
      siloName: silo?.name ?? notice.tenant,
      company: this.config.get(mailConfig).COMPANY_NAME,
      facts: notice.facts,
    };
    return renderNotice(this.texts.mail, content, recipients);
  }

  /** Read with the eyes of the check alone: nothing of it is shown to the author. */
  async #others(tx: Tx, tenant: string): Promise<readonly OtherSilo[]> {
    return withinSystemScope(tx, 'notices', async () =>
      tx.query<OtherSilo[]>(
        `select s.tenant_id as tenant, s.name,
           coalesce(json_agg(json_build_object('name', c.name, 'email', c.email)) filter (where c.id is not null), '[]') as contacts
         from silos s left join silo_contacts c using (tenant_id)
         where s.tenant_id <> $1 group by s.tenant_id, s.name`,
        [tenant],
      ),
    );
  }
}

const inWords = (at: Date): string => DateTime.fromJSDate(at, { zone: 'utc' }).toFormat("d LLLL yyyy, HH:mm 'UTC'");

function recipientsOf(contacts: readonly SiloContact[]): { name: string; address: string }[] {
  const byAddress = new Map<string, { name: string; address: string }>();
  for (const { isVerified, email, name } of contacts) {
    if (isVerified && !byAddress.has(email.toLowerCase())) byAddress.set(email.toLowerCase(), { name, address: email });
  }
  return [...byAddress.values()];
}

const asOther = (tenant: string, silo: Silo | undefined, contacts: readonly SiloContact[]): OtherSilo => ({
  tenant,
  name: silo?.name ?? tenant,
  contacts: contacts.map(({ name, email }) => ({ name, email })),
});

function warnings(silo: Silo | undefined, leaks: readonly Leak[]): string[] {
  const found = leaks.map(
    ({ field, words }) =>
      `“${words}” (${field}) seems to name another customer: change it, or have two people override this with a reason`,
  );
  if (silo !== undefined && !silo.language.toLowerCase().startsWith(LANGUAGE)) {
    found.push(`The customer’s language is ${silo.language}; the template is in English`);
  }
  if (silo?.state === 'removed') found.push('This silo was removed: are its contacts still right?');
  return found;
}
