-- Exactly one row: how many inputs there are, and how many of them are reconstructed.
select count(*), count(*) filter (basis = 'reconstructed')
from entered
where len(columns) > 0
