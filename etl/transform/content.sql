-- Exactly one row that changes whenever a version of a record is added.
select count(*) as versions, coalesce(max(run_id), 0) as newest_run from raw_records
