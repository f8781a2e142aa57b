-- Exactly one row: the organization whose history this file is.
select organization_id from lineage
