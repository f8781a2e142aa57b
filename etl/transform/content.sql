-- Exactly one row that changes whenever a version of a record is added, or all were listed.
select
    count(*) as versions,
    coalesce(max(run_id), 0) as newest_run,
    (select count(*) from enumerations) as full_reads
from raw_records
