import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Log } from '../logging/logging.js';
import { Metrics } from '../metrics/metrics.js';
import { ServiceRoles } from '../roles/service-roles.js';
import { ImapReader } from './imap-reader.js';
import { mailConfig } from './mail.config.js';
import { MailInbox } from './mail-inbox.js';
import { Mailer } from './mailer.js';
import { SmtpMailer } from './smtp-mailer.js';

function makeMailer(config: Config, metrics: Metrics): SmtpMailer {
  const set = config.get(mailConfig);
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY: privateKey } = set;
  return new SmtpMailer(
    {
      url: set.SMTP_URL,
      from: set.MAIL_FROM,
      returnAddress: set.MAIL_RETURN_ADDRESS,
      dkim:
        domain === undefined || selector === undefined || privateKey === undefined
          ? undefined
          : { domain, selector, privateKey },
    },
    metrics,
  );
}

@Module({
  providers: [
    { provide: Mailer, useFactory: makeMailer, inject: [Config, Metrics] },
    {
      provide: MailInbox,
      useFactory: (database: Database, clock: Clock, log: Log) => new MailInbox(database, clock, log),
      inject: [Database, Clock, Log],
    },
  ],
  exports: [Mailer, MailInbox],
})
export class MailModule implements OnApplicationBootstrap, OnApplicationShutdown {
  #reader: ImapReader | undefined;

  constructor(
    private readonly config: Config,
    private readonly inbox: MailInbox,
    private readonly mailer: Mailer,
    private readonly log: Log,
    private readonly roles: ServiceRoles,
  ) {}

  /** All rooms have registered their handlers in onModuleInit by now. */
  onApplicationBootstrap(): void {
    const { IMAP_URL: url, IMAP_MAILBOX: mailbox } = this.config.get(mailConfig);
    if (url === undefined || !this.roles.has('respond')) return;
    this.#reader = new ImapReader(url, mailbox, this.inbox, this.log);
    this.#reader.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#reader?.stop();
    if (this.mailer instanceof SmtpMailer) this.mailer.close();
  }
}
