-- Exactly one row: the organization and world whose history this file is.
select organization_id, environment from lineage
