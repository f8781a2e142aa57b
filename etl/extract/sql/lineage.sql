-- Names the organization and world whose history this file is; the first to ask does.
insert into lineage (tenant, organization_id, environment)
select $tenant, $organization_id, $environment
where not exists (select 1 from lineage)
