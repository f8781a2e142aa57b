-- One row a resource: when its changes, and all of it, were last read to the end, in UTC.
select resource, timezone('UTC', read_at), timezone('UTC', enumerated_at), records
from freshness
order by resource
