-- One row or none: how far one list of a backfill came, its instant in UTC without a zone.
select reached::timestamp as reached, is_done
from backfills
where from_on = $from_on and to_on = $to_on and resource = $resource and part = $part
