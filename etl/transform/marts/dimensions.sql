-- One row an item, class, department, location or job.
create table snapshot.dimensions as
from stg_dimensions
order by kind, dimension_id
