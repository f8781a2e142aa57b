-- Names the organization whose history this file is; the first to ask does.
insert into lineage
select $tenant, $organization_id
where not exists (select 1 from lineage)
