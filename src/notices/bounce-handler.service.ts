import { Injectable } from '@nestjs/common';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import type { InboundMail, Keep, MailHandler } from '../platform/mail/inbound-mail.js';
import { tagOf } from '../platform/mail/mail.js';
import { Mailer } from '../platform/mail/mailer.js';
import { parseInbound } from '../platform/mail/parse-mail.js';
import { readSignedTag } from '../platform/mail/signed-tag.js';
import { BOUNCE_TAG, NoticeSender } from './notice-sender.service.js';
import { readBounce } from './read-bounce.js';

const HEAD_OCTETS = 64 * 1024;

/** Takes mails to the return addresses of deliveries: bounces, and automatic answers, which mean nothing here. */
@Injectable()
export class BounceHandler implements MailHandler {
  readonly name = 'notice bounces';
  readonly order = 'first';

  constructor(
    private readonly mailer: Mailer,
    private readonly box: SealedBox,
    private readonly sender: NoticeSender,
  ) {}

  readonly prepare = async (mail: InboundMail): Promise<Keep | undefined> => {
    const address = this.mailer.returnAddress;
    const local = `${address.slice(0, address.lastIndexOf('@'))}+`.toLowerCase();
    // Most mails are none: they are not parsed for it.
    if (!mail.raw.subarray(0, HEAD_OCTETS).toString('latin1').toLowerCase().includes(local)) return undefined;
    const parsed = await parseInbound(mail.raw);
    const deliveryId = parsed.recipients
      .map((recipient) => tagOf(recipient, address))
      .map((tag) => (tag === undefined ? undefined : readSignedTag(this.box, BOUNCE_TAG, tag)))
      .find((id) => id !== undefined);
    if (deliveryId === undefined) return undefined;
    const bounce = readBounce(parsed);
    return {
      job: 'notices',
      keep: async (tx) => {
        if (bounce?.action !== 'failed') return;
        const answer = [bounce.status, bounce.diagnostic].filter((part) => part !== null && part !== '').join(' ');
        await this.sender.bounced(tx, deliveryId, answer === '' ? 'no reason given' : answer);
      },
    };
  };
}
