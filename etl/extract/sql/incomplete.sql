-- One row a resource whose newest full read did not list all that was held then.
select resource
from enumerations
qualify row_number() over (partition by resource order by finished_at desc) = 1 and not_listed > 0
