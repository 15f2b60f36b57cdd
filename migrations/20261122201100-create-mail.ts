import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far the one mailbox has been read. It belongs to no silo, and the rows hold nothing of the mails. */
export class CreateMail1122201100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table mail_positions (
        mailbox text primary key,
        uid_validity bigint not null,
        uid bigint not null,
        at timestamptz not null
      )`);
    // Mails that could not be kept; they are still in the mailbox.
    await db.query(`
      create table mail_passed_over (
        mailbox text not null,
        uid_validity bigint not null,
        uid bigint not null,
        at timestamptz not null,
        reason text not null,
        primary key (mailbox, uid_validity, uid)
      )`);
    await db.query(`grant select, insert, update on mail_positions, mail_passed_over to silowatch_service`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table mail_passed_over`);
    await db.query(`drop table mail_positions`);
  }
}
