-- Names the world of a file that was begun before worlds were noted: a tenant could not change
-- worlds then, so it is the one of the tenant's own organization.
update lineage
set environment = $environment
where environment is null and organization_id = $organization_id
