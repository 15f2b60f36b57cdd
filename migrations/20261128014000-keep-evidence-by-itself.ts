import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The evidence of groups in rows of its own: a signal adds one record to a group, and writes no more than that. */
export class KeepEvidenceByItself2026112801400 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table correlate_evidence (
        partition integer not null,
        key text not null,
        place text not null,
        sample json not null,
        primary key (partition, key, place)
      )`);
    await db.query(`grant select, insert, update, delete on correlate_evidence to silowatch_service`);
    await db.query(`
      insert into correlate_evidence (partition, key, place, sample)
      select g.partition, g.key, s->>'topic' || '/' || (s->>'partition') || '/' || (s->>'offset') || '/' || left(s->>'sha256', 8), s
      from correlate_groups g, json_each(g.state->'parts') as part, json_array_elements(part.value->'samples') as s
      on conflict do nothing`);
    await db.query(`
      update correlate_groups g set state = (g.state::jsonb || jsonb_build_object('v', 2, 'parts', (
        select coalesce(jsonb_object_agg(part.key, part.value || jsonb_build_object('samples', (
          select coalesce(jsonb_agg(s->>'topic' || '/' || (s->>'partition') || '/' || (s->>'offset') || '/' || left(s->>'sha256', 8) order by n), '[]')
          from jsonb_array_elements(part.value->'samples') with ordinality as e (s, n)))), '{}')
        from jsonb_each(g.state::jsonb->'parts') as part)))::json
      where g.state->>'v' = '1'`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      update correlate_groups g set state = (g.state::jsonb || jsonb_build_object('v', 1, 'parts', (
        select coalesce(jsonb_object_agg(part.key, part.value || jsonb_build_object('samples', (
          select coalesce(jsonb_agg(e.sample order by n), '[]')
          from jsonb_array_elements_text(part.value->'samples') with ordinality as p (place, n)
          join correlate_evidence e on e.partition = g.partition and e.key = g.key and e.place = p.place))), '{}')
        from jsonb_each(g.state::jsonb->'parts') as part)))::json
      where g.state->>'v' = '2'`);
    await db.query(`drop table correlate_evidence`);
  }
}
