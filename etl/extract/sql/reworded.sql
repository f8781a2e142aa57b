-- One row a fresh version of a record held before: its text, and that of the version held.
select
    fresh.bill_id,
    incoming.payload,
    record.payload as held
from raw_records as record
inner join fresh
    on
        record.bill_id = fresh.bill_id
        and record.version = fresh.version - 1
inner join incoming using (position)
where record.resource = $resource and fresh.version > 1
