-- Run once as a superuser before the first `silowatch migrate`; set passwords with \password or your secret store.
do $$
begin
  if not exists (select from pg_roles where rolname = 'silowatch_owner') then create role silowatch_owner login; end if;
  if not exists (select from pg_roles where rolname = 'silowatch_service') then create role silowatch_service login; end if;
  if not exists (select from pg_roles where rolname = 'silowatch_worker') then create role silowatch_worker login; end if;
end $$;
